# Completion of ssmx for bash. Generated: ssmx completion show bash
#
# Names of nodes and endpoints come from the index that ssmx keeps (ssmx/store/pointed.py says how it lies there):
# this shell reads it with builtins, without a fork. A candidate is found as it is and quoted at the end.
# shellcheck disable=SC2086,SC2206,SC2128  # what is not quoted is words

_ssmx() {
    COMPREPLY=()
    # Whatever happens, Tab prints no error, and ends no shell that has `set -e`.
    _ssmx_complete "$@" 2>/dev/null || :
}

# $2 is what readline replaces. It may be the end of a word only: after an open quote, and after : and = .
_ssmx_complete() {
    local IFS=$' \t\n' line=${COMP_LINE:0:COMP_POINT} program=ssmx
    local -a words=() found=() passed=()
    local typed='' quote='' head='' open=''
    if [[ $1 == */* && -x $1 ]]; then program=$1; fi
    _ssmx_split "${line%"$2"}"
    head=$typed open=$quote
    _ssmx_split "$line"

    local commands='' options='' takes='' arguments=''
    local place=ssmx kind='' prefix='' profile='' region='' sandbox='' team='' at word
    _ssmx_place "$place"
    for ((at = 1; at < ${#words[@]}; at += 1)); do
        word=${words[at]}
        if [[ $kind ]]; then
            _ssmx_given "$kind" "$word"
            kind=''
            continue
        fi
        case $word in
            --) _ssmx_files; return ;;  # what follows belongs to the user's command
            -?*) _ssmx_option "$word" ;;
            *)
                if [[ " $commands " == *" $word "* ]]; then
                    place="$place $word"
                    _ssmx_place "$place"
                else
                    passed+=("$word")
                fi ;;
        esac
    done
    if [[ ! $kind ]]; then _ssmx_attached; fi
    _ssmx_behind

    if [[ $kind ]]; then
        _ssmx_offer "$kind"
    elif [[ $typed == -* ]]; then
        _ssmx_fitting $options
    elif [[ $commands ]]; then
        _ssmx_fitting $commands
        if [[ $place == ssmx ]]; then _ssmx_offer alias; fi
    else
        _ssmx_argument
    fi
    _ssmx_reply
}

# Split $1 as the shell would: what is ended into `words`, the rest into `typed`, a quote that is open into `quote`.
_ssmx_split() {
    local rest=$1 plain begun=''
    words=() typed='' quote=''
    while [[ $rest ]]; do
        case $quote in
            "'") plain=${rest%%\'*} ;;
            '"') plain=${rest%%[\"\\]*} ;;
            *) plain=${rest%%[\'\"\\[:space:]]*} ;;
        esac
        typed+=$plain
        if [[ $plain ]]; then begun=1; fi
        rest=${rest:${#plain}}
        case $quote${rest:0:1} in
            '' | "'" | '"')
                if [[ $rest ]]; then quote=$rest quote=${quote:0:1} begun=1; fi ;;
            "''" | '""') quote='' ;;
            '"\')
                case ${rest:1:1} in
                    [\"\\\$\`]) typed+=${rest:1:1} ;;
                    *) typed+=${rest:0:2} ;;
                esac
                rest=${rest:1} ;;
            \\) typed+=${rest:1:1} begun=1 rest=${rest:1} ;;
            *)
                if [[ $begun ]]; then words+=("$typed"); fi
                typed='' begun='' ;;
        esac
        rest=${rest:1}
    done
}

# What the word $1 says, which is an option; a value that is yet to come is of the `kind`.
_ssmx_option() {
    case $1 in
        --sandbox) sandbox=1 ;;
        --*=*) _ssmx_takes "${1%%=*}"; _ssmx_given "$kind" "${1#*=}"; kind='' ;;
        --*) _ssmx_takes "$1" ;;
        *) _ssmx_letters "$1" ;;
    esac
}

# Options behind the cursor say which account is meant, too.
_ssmx_behind() {
    local rest="${quote}x${COMP_LINE:COMP_POINT} "  # the first word is the rest of the one that is being typed
    local typed='' quote='' kind='' word
    local -a words=()
    if [[ $rest != *-* ]]; then return; fi
    _ssmx_split "$rest"
    for word in "${words[@]:1}"; do
        case $kind${word:0:1} in
            -) if [[ $word == -- ]]; then return; fi; _ssmx_option "$word" ;;
            *) if [[ $kind ]]; then _ssmx_given "$kind" "$word"; kind=''; fi ;;
        esac
    done
}

# What the option $1 takes here: into `kind`; nothing for a flag.
_ssmx_takes() {
    kind=''
    if [[ " $takes " == *" $1:"* ]]; then
        kind=" $takes "
        kind=${kind#*" $1:"}
        kind=${kind%%' '*}
    fi
}

# Short options in one word: -v, -pNAME, -vp NAME.
_ssmx_letters() {
    local letter
    for ((letter = 1; letter < ${#1}; letter += 1)); do
        _ssmx_takes "-${1:letter:1}"
        if [[ $kind ]]; then
            if [[ ${1:letter+1} ]]; then
                _ssmx_given "$kind" "${1:letter+1}"
                kind=''
            fi
            return
        fi
    done
}

# An option took the word $2.
_ssmx_given() {
    case $1 in
        profile) profile=$2 ;;
        region) region=$2 ;;
        team) team=$2 ;;
    esac
}

# An option and its value in the word that is being typed: --profile=pr, -ppr.
_ssmx_attached() {
    case $typed in
        --*=*) prefix=${typed%%=*}= ;;
        -[!-]?*) prefix=${typed:0:2} ;;
        *) return ;;
    esac
    _ssmx_takes "${prefix%=}"
    if [[ $kind ]]; then typed=${typed#"$prefix"}; else prefix=''; fi
}

# The argument that is being typed: the last kind goes on where it ends in dots.
_ssmx_argument() {
    local -a kinds=()
    kinds=($arguments)
    local last=$((${#kinds[@]} - 1)) at=${#passed[@]}
    if ((last < 0)); then return; fi
    if ((at > last)); then
        case ${kinds[last]} in
            *...) at=$last ;;
            *) return ;;
        esac
    fi
    _ssmx_offer "${kinds[at]%...}"
}

# Candidates of a kind; kinds joined by + are all offered.
_ssmx_offer() {
    local each kinds=$1+
    while [[ $kinds ]]; do
        each=${kinds%%+*}
        kinds=${kinds#*+}
        case $each in
            =*) each=${each#=}; each=${each//,/ }
                _ssmx_fitting $each ;;
            target) _ssmx_target ;;
            region) _ssmx_fitting $_ssmx_regions ;;
            document) _ssmx_fitting $_ssmx_documents; _ssmx_listed documents ;;
            service) _ssmx_service ;;
            named) _ssmx_endpoint "${passed[0]-}" '' ;;
            endpoint:*) _ssmx_endpoint "${each#*:}" both ;;
            file | team) _ssmx_files ;;
            alias) if _ssmx_mention aliases; then _ssmx_ask alias; fi ;;
            declared) if [[ $team ]]; then _ssmx_ask declared "$team"; else _ssmx_ask declared; fi ;;
            profile | running) _ssmx_ask "$each" ;;
        esac
    done
}

# Of the words given, those that begin with what is typed.
_ssmx_fitting() {
    local each
    for each; do
        if [[ $each == "$typed"* ]]; then found+=("$each"); fi
    done
}

# A node: its name, or what else names it; an alias of the user's or the project's; and %PROFILE/REGION behind any.
_ssmx_target() {
    local before=${#found[@]}
    case $typed in
        i-* | mi-* | asg/* | *=*) _ssmx_listed words ;;
    esac
    if ((${#found[@]} == before)); then _ssmx_listed names; fi
    if ((${#found[@]} == before)) && [[ $typed ]]; then _ssmx_listed words; fi
    if _ssmx_mention targets; then _ssmx_ask target; fi
    if ((${#found[@]} == before)) && [[ $typed == *%* ]]; then _ssmx_elsewhere; fi
}

_ssmx_elsewhere() {
    prefix=${typed%%%*}%
    typed=${typed#*%}
    case $typed in
        */*) prefix+=${typed%/*}/; typed=${typed##*/}; _ssmx_offer region ;;
        *) _ssmx_offer profile ;;
    esac
}

# A service; or SERVICE/NAME.
_ssmx_service() {
    case $typed in
        */*) _ssmx_endpoint "${typed%%/*}" full ;;
        *) _ssmx_fitting $_ssmx_services ;;
    esac
}

# Names of the services $1, which commas divide, or of all; `full` and where one is typed: as SERVICE/NAME.
_ssmx_endpoint() {
    local wanted=",$1," form=$2 each
    local -a list=() heard=()
    _ssmx_read endpoints
    if [[ $form == both && $typed == */* ]]; then form=full; fi
    for each in ${list[@]+"${list[@]}"}; do
        if [[ $wanted == ,, || $wanted == *",${each%%/*},"* ]]; then
            if [[ $form != full ]]; then each=${each#*/}; fi
            heard+=("$each")
        fi
    done
    _ssmx_fitting ${heard[@]+"${heard[@]}"}
}

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

# Does one of our two files hold the word $1?
_ssmx_mention() {
    local config='' project='' each text
    _ssmx_files_of_ours
    for each in "$config" "$project"; do
        if [[ $each && -f $each && -r $each ]]; then
            IFS= read -r -d '' -n 1000000 text <"$each"
            if [[ $text == *"$1"* ]]; then return 0; fi
        fi
    done
    return 1
}

# What only Python knows: the lines of `ssmx __complete …`.
_ssmx_ask() {
    local answer line
    answer=$(_ssmx_python __complete "$@" </dev/null)$'\n'
    while [[ $answer ]]; do
        line=${answer%%$'\n'*}
        answer=${answer#*$'\n'}
        if [[ $line ]]; then _ssmx_fitting "$line"; fi
    done
}

# In a subshell: ask the interpreter that ssmx's first line names, for what pip writes below that line imports more
# than all the rest. -P: nothing is imported from the folder one is in.
_ssmx_python() {
    local IFS=: file=$program folder first=''
    if [[ $program != */* ]]; then
        for folder in $PATH; do
            if [[ -f $folder/$program && -x $folder/$program ]]; then file=$folder/$program; break; fi
        done
    fi
    IFS= read -r first <"$file"
    first=${first#'#!'}
    case $first in
        */python*) if [[ -x $first ]]; then exec "$first" -P -c "$_ssmx_entry" "$@"; fi ;;
    esac
    exec "$program" "$@"
}

# One refresh, which nobody waits for; at most one in ten seconds from this shell.
_ssmx_refresh() {
    local last=${_ssmx_refreshed:--10}
    local -a given=()
    if ((${SECONDS:-0} >= last && ${SECONDS:-0} - last < 10)); then return; fi
    _ssmx_refreshed=${SECONDS:-0}
    if [[ $profile ]]; then given+=(-p "$profile"); fi
    if [[ $region ]]; then given+=(-r "$region"); fi
    if [[ $sandbox ]]; then given+=(--sandbox); fi
    (command "$program" __refresh ${given[@]+"${given[@]}"} </dev/null >/dev/null 2>&1 &)
}

# Files, as bash itself completes them. Bash 3 has no compopt: there files stand in wherever nothing else is found.
_ssmx_files() {
    if ((BASH_VERSINFO[0] >= 4)); then compopt -o default; fi
}

# What was found, into COMPREPLY: without what readline keeps, and quoted for where it goes.
_ssmx_reply() {
    local each char at IFS=$'\n'
    if ((${#found[@]} == 0)); then return; fi
    if [[ $prefix ]]; then found=("${found[@]/#/$prefix}"); fi
    if [[ $head ]]; then found=("${found[@]#"$head"}"); fi
    if [[ ${found[*]} != *[!a-zA-Z0-9_./:=@%+$'\n'-]* ]]; then
        COMPREPLY=("${found[@]}")
        return
    fi
    for each in "${found[@]}"; do
        case $open in
            "'") _ssmx_escape \' "'\\''" ;;
            '"')
                for char in \\ \" \$ \`; do _ssmx_escape "$char" "\\$char"; done ;;
            *) printf -v each %q "$each" ;;
        esac
        COMPREPLY+=("$each")
    done
}

# In `each`, $2 for every $1. (A substitution would read & and \ in $2 differently from bash to bash.)
_ssmx_escape() {
    local rest=$each
    each=''
    while [[ $rest == *"$1"* ]]; do
        each+=${rest%%"$1"*}$2
        rest=${rest#*"$1"}
    done
    each+=$rest
}

# What the command $1 has: `commands`, `options`, which of these take a value and of what kind, `arguments`.
_ssmx_place() {
    commands='' options='' takes='' arguments=''
    case $1 in
        'ssmx')
            commands='shell run forward tunnel db why up down init ps status wait logs stop resolve ls index eks-token sessions config plugin sandbox completion'
            options='-V --version'
            ;;
        'ssmx shell')
            options='--document --parameter --transport --newest --oldest --any --anywhere --reason --wait --dry-run'
            takes='--document:document --parameter:any --transport:=auto,plugin,native --reason:any'
            arguments='target'
            ;;
        'ssmx run')
            options='--timeout --newest --oldest --any --anywhere --reason --wait --dry-run'
            takes='--timeout:any --reason:any'
            arguments='target'
            ;;
        'ssmx forward')
            options='-L --bind --socket --open --events --background --name --lanes --transport --newest --oldest --any --anywhere --reason --wait --dry-run'
            takes='-L:any --bind:any --socket:file --open:any --events:=json --name:any --lanes:any --transport:=auto,plugin,native --reason:any'
            arguments='target any...'
            ;;
        'ssmx tunnel')
            options='--via --port --bind --reader --endpoint --user --iam-user --explain --background --name --lanes --events --transport --newest --oldest --any --anywhere --reason --wait --dry-run'
            takes='--via:target --port:any --bind:any --endpoint:any --user:any --iam-user:any --name:any --lanes:any --events:=json --transport:=auto,plugin,native --reason:any'
            arguments='service named'
            ;;
        'ssmx db')
            options='--via --port --bind --reader --endpoint --user --iam-user --explain --background --name --lanes --events --transport --newest --oldest --any --anywhere --reason --wait --dry-run'
            takes='--via:target --port:any --bind:any --endpoint:any --user:any --iam-user:any --name:any --lanes:any --events:=json --transport:=auto,plugin,native --reason:any'
            arguments='endpoint:rds,rds-proxy,docdb,neptune,elasticache,memorydb,redshift,redshift-serverless,opensearch'
            ;;
        'ssmx why')
            options='--reader --endpoint --newest --oldest --any --anywhere --transport --try'
            takes='--endpoint:any --transport:=auto,plugin,native'
            arguments='target endpoint:'
            ;;
        'ssmx up')
            options='-f --file --foreground --client --export --unit'
            takes='-f:team --file:team --export:=jdbc,pgpass,datagrip,dbeaver,env --unit:=systemd,launchd'
            arguments='declared...'
            ;;
        'ssmx down')
            options='-f --file'
            takes='-f:team --file:team'
            arguments='declared...'
            ;;
        'ssmx init')
            options='-f --file'
            takes='-f:team --file:team'
            ;;
        'ssmx ps')
            ;;
        'ssmx status')
            options='-f --file --prometheus'
            takes='-f:team --file:team'
            arguments='running+declared...'
            ;;
        'ssmx wait')
            options='--timeout'
            takes='--timeout:any'
            arguments='running+declared...'
            ;;
        'ssmx logs')
            options='-f --follow'
            arguments='running'
            ;;
        'ssmx stop')
            options='--all'
            arguments='running...'
            ;;
        'ssmx resolve')
            options='--newest --oldest --any --anywhere -A --all-scopes'
            arguments='target'
            ;;
        'ssmx ls')
            options='--columns --cached -A --all-scopes'
            takes='--columns:any'
            arguments='service+=endpoints+target named+target...'
            ;;
        'ssmx index')
            commands='clear refresh show'
            ;;
        'ssmx index clear')
            ;;
        'ssmx index refresh')
            options='--stale -A --all-scopes --all'
            ;;
        'ssmx index show')
            ;;
        'ssmx eks-token')
            arguments='endpoint:eks'
            ;;
        'ssmx sessions')
            commands='end ls'
            ;;
        'ssmx sessions end')
            options='--left-over --all'
            arguments='any...'
            ;;
        'ssmx sessions ls')
            ;;
        'ssmx config')
            commands='get path set show trust unset untrust validate'
            ;;
        'ssmx config get')
            arguments='any'
            ;;
        'ssmx config path')
            ;;
        'ssmx config set')
            options='--project'
            arguments='any any'
            ;;
        'ssmx config show')
            ;;
        'ssmx config trust')
            arguments='file'
            ;;
        'ssmx config unset')
            options='--project'
            arguments='any'
            ;;
        'ssmx config untrust')
            arguments='file'
            ;;
        'ssmx config validate')
            arguments='any'
            ;;
        'ssmx plugin')
            commands='shim status'
            ;;
        'ssmx plugin shim')
            options='--dir --remove'
            takes='--dir:file'
            ;;
        'ssmx plugin status')
            ;;
        'ssmx sandbox')
            commands='down env status up'
            ;;
        'ssmx sandbox down')
            ;;
        'ssmx sandbox env')
            ;;
        'ssmx sandbox status')
            ;;
        'ssmx sandbox up')
            options='--idle-minutes'
            takes='--idle-minutes:any'
            ;;
        'ssmx completion')
            commands='install show uninstall'
            ;;
        'ssmx completion install')
            arguments='=bash,zsh,fish'
            ;;
        'ssmx completion show')
            arguments='=bash,zsh,fish'
            ;;
        'ssmx completion uninstall')
            arguments='=bash,zsh,fish'
            ;;
    esac
    options="$options $_ssmx_shared_options"
    takes="$takes $_ssmx_shared_takes"
}

_ssmx_shared_options='-p --profile -r --region -o --output --no-input -v --verbose -q --quiet --sandbox -h --help'
_ssmx_shared_takes='-p:profile --profile:profile -r:region --region:region -o:=table,json,tsv,csv,name --output:=table,json,tsv,csv,name'
_ssmx_regions='af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 ca-central-1 ca-west-1 eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 il-central-1 me-central-1 me-south-1 mx-central-1 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2 cn-north-1 cn-northwest-1 us-gov-east-1 us-gov-west-1'
_ssmx_documents='AWS-StartInteractiveCommand AWS-StartNonInteractiveCommand AWS-StartPortForwardingSession AWS-StartPortForwardingSessionToRemoteHost AWS-StartSSHSession'
_ssmx_services='rds rds-proxy docdb neptune elasticache memorydb redshift redshift-serverless opensearch msk mq eks alb nlb host'
_ssmx_entry='from ssmx.completing import run; run()'

if ((BASH_VERSINFO[0] >= 4)); then complete -F _ssmx ssmx; else complete -o default -F _ssmx ssmx; fi
