# Offer what begins with what is typed, of the list $1; where nothing does, all of it: the user may have told zsh to
# match otherwise.
_ssmx_listed() {
    local -a lines
    _ssmx_read $1 "${(Q)PREFIX}"
    if ((!${#lines})); then _ssmx_read $1; fi
    compadd -a -- lines
}

# Read the list $1 of the account into `lines`, or what in it begins with $2; nothing where it is broken. Has the index
# refreshed where that is due.
_ssmx_read() {
    local scope= project config header
    local -a told
    lines=()
    _ssmx_scope
    if [[ -z $scope ]] || ! _ssmx_own $scope/$1 || ! zmodload zsh/mapfile zsh/datetime; then
        _ssmx_refresh
        return
    fi
    if ! { [[ -n ${2-} ]] && _ssmx_search $scope/$1 "$2" }; then _ssmx_whole $scope/$1 "${2-}"; fi
    told=(${=header})
    if [[ -n $header ]] && ((EPOCHSECONDS >= told[3])); then _ssmx_refresh; fi
}

# All lines of the list $1 that begin with $2, into `lines`, and the first one of all into `header`; nothing where that
# is none, or not as many follow as it says.
_ssmx_whole() {
    local -a told
    header=
    # At once, for each copy of the text takes a millisecond.
    lines=("${(@f)mapfile[$1]}")
    if [[ ${lines[1]-} == 'ssmx 1 '<->' '<-> ]]; then told=(${=lines[1]}); fi
    if ((!${#told} || ${#lines} != told[4] + 2)) || [[ -n ${lines[-1]} ]]; then
        lines=()
        return
    fi
    header=$lines[1]
    lines=("${(@)lines[2,-2]}")
    if [[ -n $2 ]]; then lines=("${(@M)lines:#$2*}"); fi
}

# The same of a large list without reading it: it is sorted by its bytes, so where these lines begin is found by
# halves. They are not counted, for that is reading it. Fails where the list is small, or zsh lacks what this takes.
_ssmx_search() {
    local LC_ALL=C  # all below counts bytes
    local text more
    local -a parts
    local -i file=-1 low high middle size next longest=65536
    zmodload -F zsh/system b:sysopen b:sysseek b:sysread f:systell || return
    # What is opened stays as it is: ssmx puts another file in its place.
    sysopen -r -o cloexec,nofollow -u file $1 || return
    {
        sysseek -u $file -w end 0 && ((size = systell(file))) || return
        if ((size < 16384)); then return 1; fi
        sysseek -u $file 0 && sysread -i $file -s 256 text || return
        sysseek -u $file $((size - 1)) && sysread -i $file more || return
        header=${text%%$'\n'*}
        if [[ $header != 'ssmx 1 '<->' '<-> || $header == $text || $more != $'\n' ]]; then
            header=
            return
        fi
        # All lines before `low`, where one begins, sort before $2; the line behind `high` does not.
        low=$((${#header} + 1)) high=size
        while ((high - low > 4096)); do
            middle=$(((low + high) / 2)) size=512 text= parts=()
            sysseek -u $file $middle
            # The rest of one line, all of the next, and the beginning of a third.
            while ((${#parts} < 3 && ${#text} < longest)) && sysread -i $file -s $size more; do
                text+=$more
                parts=("${(@f)text}")
                size=16384
            done
            next=$((middle + ${#parts[1]} + 1))
            if ((next < high)) && [[ ${parts[2]} < $2 ]]; then low=next; else high=middle; fi
        done
        # From there on, until the last whole line neither sorts before $2 nor begins with it. What is no list has none.
        text= size=4096
        sysseek -u $file $low
        while sysread -i $file -s $size more; do
            text+=$more
            parts=("${(@f)more}")
            if ((${#parts} < 2 && ${#text} > longest)); then break; fi
            if ((${#parts} > 2)) && [[ ! ${parts[-2]} < $2 && ${parts[-2]} != $2* ]]; then break; fi
            size=16384
        done
        lines=("${(@f)text}")
        lines=("${(@M)lines[1,-2]:#$2*}")
    } always {
        exec {file}<&-
    }
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
