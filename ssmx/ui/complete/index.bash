# The lines of the list $1 that begin with what is typed. They are sorted by their bytes.
_ssmx_listed() {
    local LC_ALL=C low=0 high middle first
    local -a list=()
    _ssmx_read "$1"
    high=${#list[@]}
    while ((low < high)); do
        ((middle = (low + high) / 2, 1))
        if [[ ${list[middle]} < $typed ]]; then ((low = middle + 1)); else high=$middle; fi
    done
    first=$low high=${#list[@]}
    while ((low < high)); do
        ((middle = (low + high) / 2, 1))
        if [[ ${list[middle]} == "$typed"* ]]; then ((low = middle + 1)); else high=$middle; fi
    done
    if ((low - first > 1000)); then
        found+=("${list[@]:first:low-first}")
    else
        # For few, a slice of many takes longer than all else here.
        for ((; first < low; first += 1)); do found+=("${list[first]}"); done
    fi
}

# Read the list $1 of the account into `list`: all of it, or nothing. Has the index refreshed where that is due.
_ssmx_read() {
    local IFS=$' \t\n' scope='' project='' config='' magic='' version='' stale='' count='' last='' more='' now=''
    list=()
    _ssmx_scope
    if [[ ! $scope ]] || ! _ssmx_own "$scope/$1"; then
        _ssmx_refresh
        return
    fi
    {
        IFS=' ' read -r magic version stale count
        case "$magic $version ${stale:-?}${count:-?}" in
            'ssmx 1 '*[!0-9]*) return ;;
            'ssmx 1 '*) ;;
            *) return ;;
        esac
        if ((count > 0)); then
            # The last line by itself: `read` fails where its end is missing.
            if ((BASH_VERSINFO[0] < 4)); then
                while ((${#list[@]} < count - 1)) && IFS= read -r last; do list+=("$last"); done
            elif ((count > 1)); then
                mapfile -t -n $((count - 1)) list
            fi
            if IFS= read -r last; then list+=("$last"); fi
        fi
        IFS= read -r more
    } <"$scope/$1"
    if ((${#list[@]} != count)) || [[ $more ]]; then list=(); fi
    if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 402)); then printf -v now '%(%s)T' -1; fi
    if [[ $now ]] && ((now >= stale)); then _ssmx_refresh; fi
}

# The folder of the scope that is in use, into `scope`; nothing where it is not known. As store/pointed and
# model/pointer do it.
_ssmx_scope() {
    local index=${XDG_CACHE_HOME-} name='' part at each
    local aws=${AWS_CONFIG_FILE:-${HOME-}/.aws/config}
    local secret=${AWS_SHARED_CREDENTIALS_FILE:-${HOME-}/.aws/credentials}
    # As botocore reads them.
    case $aws in '~/'*) aws=${HOME-}${aws#'~'} ;; esac
    case $secret in '~/'*) secret=${HOME-}${secret#'~'} ;; esac
    if [[ $index != /* ]]; then _ssmx_home .cache Caches; index=$part; fi
    if [[ $index != /* ]]; then return; fi
    _ssmx_files_of_ours
    each=$sandbox
    case ${SSMX_SANDBOX-} in
        1 | [Tt][Rr][Uu][Ee] | [Yy][Ee][Ss] | [Oo][Nn]) each=1 ;;
    esac
    part=${profile:-${SSMX_PROFILE:-${AWS_DEFAULT_PROFILE:-${AWS_PROFILE-}}}}
    _ssmx_part ''
    part=${region:-${SSMX_REGION:-${AWS_REGION:-${AWS_DEFAULT_REGION-}}}}
    _ssmx_part ,
    part=${AWS_ACCESS_KEY_ID-}
    if [[ $profile || ${SSMX_PROFILE-} ]]; then part=''; fi
    _ssmx_part ,
    if [[ $each ]]; then name+=,s=1; fi
    if [[ ${AWS_ENDPOINT_URL-} ]]; then part=e=$AWS_ENDPOINT_URL; _ssmx_part ,; fi
    if [[ ${AWS_ENDPOINT_URL_EC2-} ]]; then part=n=$AWS_ENDPOINT_URL_EC2; _ssmx_part ,; fi
    if [[ ${AWS_ROLE_ARN-} ]]; then part=r=$AWS_ROLE_ARN; _ssmx_part ,; fi
    part=${AWS_CONTAINER_CREDENTIALS_RELATIVE_URI-}
    if [[ $part ]]; then part=u=$part; _ssmx_part ,; fi
    part=${AWS_CONTAINER_CREDENTIALS_FULL_URI-}
    if [[ $part ]]; then part=U=$part; _ssmx_part ,; fi
    if [[ ${AWS_CONFIG_FILE-} ]]; then part=c=$AWS_CONFIG_FILE; _ssmx_part ,; fi
    if [[ ${AWS_SHARED_CREDENTIALS_FILE-} ]]; then part=x=$AWS_SHARED_CREDENTIALS_FILE; _ssmx_part ,; fi
    if [[ $project ]]; then part=f=$project; _ssmx_part ,; fi
    at=$index/ssmx/index/at/$name
    if ! _ssmx_own "$at"; then return; fi
    if [[ -L $aws && ! $at -nt ${aws%/*} || -L $secret && ! $at -nt ${secret%/*} ]]; then return; fi
    for each in "$aws" "$secret" "$config" "$project"; do
        if [[ $each && ! $at -nt $each ]]; then return; fi
    done
    IFS= read -r part <"$at"
    case $part in
        '' | . | .. | */*) ;;
        *) scope=$index/ssmx/index/scopes/$part ;;
    esac
}

# Add `part` to the pointer's `name`, behind $1. The pattern is \% because a bare one would mean the end.
_ssmx_part() {
    part=${part//\%/%25}
    part=${part//\//%2F}
    part=${part//,/%2C}
    name+=$1$part
}

# A folder of the home, into `part`: $1 as others have it, $2 as macOS does.
_ssmx_home() {
    part=''
    if [[ ! ${HOME-} ]]; then return; fi
    case ${OSTYPE-} in
        darwin*) part=$HOME/Library/$2 ;;
        *) part=$HOME/$1 ;;
    esac
}

# Where ssmx's own file is, into `config`, and the nearest ssmx.toml from here upwards, into `project`.
_ssmx_files_of_ours() {
    local folder=${PWD-} part=''
    config=${XDG_CONFIG_HOME-} project=''
    if [[ $config != /* ]]; then _ssmx_home .config 'Application Support'; config=$part; fi
    if [[ $config ]]; then config=$config/ssmx/config.toml; fi
    while [[ $folder == /* ]]; do
        if [[ -e ${folder%/}/ssmx.toml || -L ${folder%/}/ssmx.toml ]]; then
            project=${folder%/}/ssmx.toml
            return
        fi
        if [[ $folder == / || $folder == "${HOME-}" ]]; then return; fi
        folder=${folder%/*}
        folder=${folder:-/}
    done
}

# Is it a file of the user's own, and no link?
_ssmx_own() {
    [[ -f $1 && -O $1 && ! -L $1 && -r $1 ]]
}
