# The lines of the list $1, which are sorted by their bytes, that begin with what is typed; where there are none, all:
# the user may have told zsh to match otherwise.
_ssmx_listed() {
    local -a lines
    _ssmx_read $1
    local -i first=2 low=2 high=${#lines} middle
    () {
        local LC_ALL=C typed=${(Q)PREFIX}
        while ((low < high)); do
            middle=$(((low + high) / 2))
            if [[ ${lines[middle]} < $typed ]]; then low=$((middle + 1)); else high=middle; fi
        done
        first=low high=${#lines}
        while ((low < high)); do
            middle=$(((low + high) / 2))
            if [[ ${lines[middle]} == "$typed"* ]]; then low=$((middle + 1)); else high=middle; fi
        done
    }
    if ((low > first)); then
        compadd -- "${(@)lines[first,low-1]}"
    else
        compadd -- "${(@)lines[2,-2]}"
    fi
}

# Read the list $1 of the account into `lines`, between its first line and an empty last one; nothing where it is
# broken. Has the index refreshed where that is due.
_ssmx_read() {
    local scope= project config
    local -a told
    lines=()
    _ssmx_scope
    if [[ -z $scope ]] || ! _ssmx_own $scope/$1 || ! zmodload zsh/mapfile zsh/datetime; then
        _ssmx_refresh
        return
    fi
    # At once, for each copy of the text takes a millisecond.
    lines=("${(@f)mapfile[$scope/$1]}")
    told=(${=lines[1]-})
    if [[ ${lines[1]-} != 'ssmx 1 '<->' '<-> || -n ${lines[-1]} || ${#lines} != $((told[4] + 2)) ]]; then
        lines=()
        return
    fi
    if ((EPOCHSECONDS >= told[3])); then _ssmx_refresh; fi
}

# The folder of the scope that is in use, into `scope`; nothing where it is not known. As store/pointed and
# model/pointer do it.
_ssmx_scope() {
    local index=${XDG_CACHE_HOME-} at each
    local aws=${AWS_CONFIG_FILE:-${HOME-}/.aws/config}
    local secret=${AWS_SHARED_CREDENTIALS_FILE:-${HOME-}/.aws/credentials}
    local -a parts
    # As botocore reads them.
    if [[ $aws == '~/'* ]]; then aws=${HOME-}${aws#'~'}; fi
    if [[ $secret == '~/'* ]]; then secret=${HOME-}${secret#'~'}; fi
    if [[ $index != /* ]]; then _ssmx_home .cache Caches; index=$REPLY; fi
    if [[ $index != /* ]]; then return; fi
    index+=/ssmx/index
    _ssmx_files_of_ours
    parts=(
        "${profile:-${SSMX_PROFILE:-${AWS_DEFAULT_PROFILE:-${AWS_PROFILE-}}}}"
        "${region:-${SSMX_REGION:-${AWS_REGION:-${AWS_DEFAULT_REGION-}}}}"
        "${AWS_ACCESS_KEY_ID-}"
    )
    if [[ -n $profile || -n ${SSMX_PROFILE-} ]]; then parts[3]=; fi
    if [[ -n $sandbox || ${(L)SSMX_SANDBOX-} == (1|true|yes|on) ]]; then parts+=(s=1); fi
    if [[ -n ${AWS_ENDPOINT_URL-} ]]; then parts+=("e=$AWS_ENDPOINT_URL"); fi
    if [[ -n ${AWS_ENDPOINT_URL_EC2-} ]]; then parts+=("n=$AWS_ENDPOINT_URL_EC2"); fi
    if [[ -n ${AWS_ROLE_ARN-} ]]; then parts+=("r=$AWS_ROLE_ARN"); fi
    each=${AWS_CONTAINER_CREDENTIALS_RELATIVE_URI-}
    if [[ -n $each ]]; then parts+=("u=$each"); fi
    each=${AWS_CONTAINER_CREDENTIALS_FULL_URI-}
    if [[ -n $each ]]; then parts+=("U=$each"); fi
    if [[ -n ${AWS_CONFIG_FILE-} ]]; then parts+=("c=$AWS_CONFIG_FILE"); fi
    if [[ -n ${AWS_SHARED_CREDENTIALS_FILE-} ]]; then parts+=("x=$AWS_SHARED_CREDENTIALS_FILE"); fi
    if [[ -n $project ]]; then parts+=("f=$project"); fi
    parts=("${(@)parts//\%/%25}")
    parts=("${(@)parts//\//%2F}")
    parts=("${(@)parts//,/%2C}")
    at=$index/at/${(j:,:)parts}
    if ! _ssmx_own $at; then return; fi
    if [[ -L $aws && ! $at -nt ${aws%/*} || -L $secret && ! $at -nt ${secret%/*} ]]; then return; fi
    for each in $aws $secret $config $project; do
        if [[ -e $each && ! $at -nt $each ]]; then return; fi
    done
    IFS= read -r each <$at
    case $each in
        '' | . | .. | */*) ;;
        *) scope=$index/scopes/$each ;;
    esac
}

# A folder of the home, into REPLY: $1 as others have it, $2 as macOS does.
_ssmx_home() {
    REPLY=
    if [[ -z ${HOME-} ]]; then return; fi
    case ${OSTYPE-} in
        darwin*) REPLY=$HOME/Library/$2 ;;
        *) REPLY=$HOME/$1 ;;
    esac
}

# Where ssmx's own file is, into `config`, and the nearest ssmx.toml from here upwards, into `project`.
_ssmx_files_of_ours() {
    local folder=${PWD-} REPLY
    config=${XDG_CONFIG_HOME-} project=
    if [[ $config != /* ]]; then _ssmx_home .config 'Application Support'; config=$REPLY; fi
    if [[ -n $config ]]; then config+=/ssmx/config.toml; fi
    while [[ $folder == /* ]]; do
        if [[ -e ${folder%/}/ssmx.toml || -L ${folder%/}/ssmx.toml ]]; then
            project=${folder%/}/ssmx.toml
            return
        fi
        if [[ $folder == / || $folder == ${HOME-} ]]; then return; fi
        folder=${${folder%/*}:-/}
    done
}

# Is it a file of the user's own, and no link?
_ssmx_own() {
    [[ -f $1 && -O $1 && ! -L $1 && -r $1 ]]
}
