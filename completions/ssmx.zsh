#compdef ssmx
# Completion of ssmx for zsh. Generated: ssmx completion show zsh
#
# Names of nodes and endpoints come from the index that ssmx keeps (ssmx/store/pointed.py says how it lies there):
# this shell reads it with builtins, without a fork. compadd matches and quotes.

_ssmx() {
    local -i files=0
    local program=${commands[ssmx]:-ssmx}  # here, where `commands` still are those of zsh
    _ssmx_complete 2>/dev/null
    # Outside of it, for they want the options that zsh gives completions.
    if ((files)); then _files; fi
}

_ssmx_complete() {
    emulate -L zsh
    setopt extended_glob
    local -a passed
    if [[ ${(Q)words[1]} == */* && -x ${(Q)words[1]} ]]; then program=${(Q)words[1]}; fi

    local -a commands options
    local takes arguments
    local place=ssmx kind= profile= region= sandbox= team= word
    _ssmx_place $place
    for word in "${(@Q)words[2,CURRENT-1]}"; do
        if [[ -n $kind ]]; then
            _ssmx_given "$kind" "$word"
            kind=
            continue
        fi
        case $word in
            --) files=1; return ;;  # what follows belongs to the user's command
            -?*) _ssmx_option "$word" ;;
            *)
                if [[ -n ${(M)commands:#${(b)word}:*} ]]; then
                    place="$place $word"
                    _ssmx_place "$place"
                else
                    passed+=("$word")
                fi ;;
        esac
    done
    if [[ -z $kind ]]; then _ssmx_attached; fi
    _ssmx_behind
    local -a given
    _ssmx_before
    for word in "${(@)given}"; do local -x "$word"; done

    if [[ -n $kind ]]; then
        _ssmx_offer "$kind"
    elif [[ $PREFIX == -* ]]; then
        _describe option options
    elif ((${#commands})); then
        _describe command commands
        if [[ $place == ssmx ]]; then _ssmx_offer alias; fi
    else
        _ssmx_argument
    fi
}

# What the word $1 says, which is an option; a value that is yet to come is of the `kind`.
_ssmx_option() {
    case $1 in
        --sandbox) sandbox=1 ;;
        --*=*) _ssmx_takes "${1%%=*}"; _ssmx_given "$kind" "${1#*=}"; kind= ;;
        --*) _ssmx_takes "$1" ;;
        *) _ssmx_letters "$1" ;;
    esac
}

# Options behind the cursor say which account is meant, too.
_ssmx_behind() {
    local kind= word
    for word in "${(@Q)words[CURRENT+1,-1]}"; do
        if [[ -n $kind ]]; then
            _ssmx_given "$kind" "$word"
            kind=
        elif [[ $word == -- ]]; then
            return
        elif [[ $word == -?* ]]; then
            _ssmx_option "$word"
        fi
    done
}

# So do variables before the command: AWS_PROFILE=prod ssmx …, into `given`.
_ssmx_before() {
    local word begun=
    for word in "${(@z)LBUFFER}"; do
        case $word in
            ';' | '&' | '|' | '|&' | '&&' | '||' | '(' | '{') given=() begun= ;;
            (env | command | noglob | nocorrect | exec | time) ;;
            ([A-Za-z_][A-Za-z0-9_]#=*)
                if [[ -z $begun && $word == (AWS|SSMX)_* ]]; then given+=("${(Q)word}"); fi ;;
            *) begun=1 ;;
        esac
    done
}

# What the option $1 takes here: into `kind`; nothing for a flag.
_ssmx_takes() {
    kind=${${(M)${=takes}:#${1}:*}[1]#*:}
}

# Short options in one word: -v, -pNAME, -vp NAME.
_ssmx_letters() {
    local -i letter
    for ((letter = 1; letter < ${#1}; letter += 1)); do
        _ssmx_takes "-${1:$letter:1}"
        if [[ -n $kind ]]; then
            if [[ -n ${1:$letter+1} ]]; then
                _ssmx_given "$kind" "${1:$letter+1}"
                kind=
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
    compstate[restore]=no  # what compset does is meant to stay
    case $PREFIX in
        --*=*) _ssmx_takes "${PREFIX%%=*}"; if [[ -n $kind ]]; then compset -P 1 '*='; fi ;;
        -[^-]?*) _ssmx_takes "${PREFIX[1,2]}"; if [[ -n $kind ]]; then compset -P '??'; fi ;;
    esac
}

# The argument that is being typed: the last kind goes on where it ends in dots.
_ssmx_argument() {
    local -a kinds=(${=arguments})
    local -i at=$((${#passed} + 1))
    if ((at > ${#kinds})); then
        at=${#kinds}
        if [[ ${kinds[at]-} != *... ]]; then return; fi
    fi
    _ssmx_offer "${kinds[at]%...}"
}

# Candidates of a kind; kinds joined by + are all offered.
_ssmx_offer() {
    local each
    for each in ${(s:+:)1}; do
        case $each in
            \=*) compadd -- ${(s:,:)each#\=} ;;
            target) _ssmx_target ;;
            region) compadd -- ${=_ssmx_regions} ;;
            document) compadd -- ${=_ssmx_documents}; _ssmx_listed documents ;;
            service) _ssmx_service ;;
            named) _ssmx_endpoint "${passed[1]-}" name ;;
            endpoint:*) _ssmx_endpoint "${each#*:}" both ;;
            file | team) files=1 ;;
            alias) if _ssmx_mention aliases; then _ssmx_ask alias; fi ;;
            declared) _ssmx_ask declared ${team:+"$team"} ;;
            profile | running) _ssmx_ask $each ;;
        esac
    done
}

# A node: its name, or what else names it; an alias of the user's or the project's; and %PROFILE/REGION behind any.
_ssmx_target() {
    local -i before=$compstate[nmatches]
    local typed=${(Q)PREFIX}
    case $typed in
        i-* | mi-* | asg/* | *=*) _ssmx_listed words ;;
    esac
    if ((compstate[nmatches] == before)); then _ssmx_listed names; fi
    if ((compstate[nmatches] == before)) && [[ -n $typed ]]; then _ssmx_listed words; fi
    if _ssmx_mention targets; then _ssmx_ask target; fi
    if ((compstate[nmatches] == before)) && [[ $typed == *%* ]]; then
        compset -P 1 '*%'
        if [[ $PREFIX == */* ]]; then
            compset -P '*/'
            _ssmx_offer region
        else
            _ssmx_offer profile
        fi
    fi
}

# A service; or SERVICE/NAME.
_ssmx_service() {
    if [[ $PREFIX == */* ]]; then
        _ssmx_endpoint "${PREFIX%%/*}" full
    else
        compadd -- ${=_ssmx_services}
    fi
}

# Names of the services $1, which commas divide, or of all; `full` and where one is typed: as SERVICE/NAME.
_ssmx_endpoint() {
    local form=$2 pattern="(${1//,/|})/*"
    local -a lines
    _ssmx_read endpoints
    if [[ $form == both && $PREFIX == */* ]]; then form=full; fi
    if [[ -n $1 ]]; then lines=(${(M)lines:#${~pattern}}); fi
    if [[ $form != full ]]; then lines=(${lines#*/}); fi
    compadd -a -- lines
}

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

# Does one of our two files hold the word $1?
_ssmx_mention() {
    local config project each
    _ssmx_files_of_ours
    for each in $config $project; do
        if [[ -f $each && -r $each && "$(<$each)" == *$1* ]]; then return 0; fi
    done
    return 1
}

# What only Python knows: `ssmx __complete …`, line by line. The interpreter that ssmx's first line names is asked:
# what pip writes below it imports more than all the rest. -P: nothing is imported from the folder one is in.
_ssmx_ask() {
    local first
    local -a asked=($program) answer
    IFS= read -r first <$program
    first=${first#'#!'}
    if [[ $first == */python* && -x $first ]]; then asked=($first -P -c "$_ssmx_entry"); fi
    answer=(${(f)"$(command $asked __complete "$@" </dev/null)"})
    compadd -a -- answer
}

# One refresh, which nobody waits for; at most one in ten seconds from this shell.
_ssmx_refresh() {
    local -i now=$SECONDS
    if ((now - ${_ssmx_refreshed:--10} < 10)); then return; fi
    typeset -gi _ssmx_refreshed=now
    command $program __refresh ${profile:+-p} ${profile:+"$profile"} ${region:+-r} ${region:+"$region"} \
        ${sandbox:+--sandbox} </dev/null >/dev/null 2>&1 &!
}

# What the command $1 has: `commands`, `options`, which of these take a value and of what kind, `arguments`.
_ssmx_place() {
    commands=() options=() takes= arguments=
    case $1 in
        'ssmx')
            commands=(
                'shell:Open a shell on TARGET: a name, i-…, mi-…, Key=Value[,Key=Value], an address, a DNS name or asg/NAME'
                'run:Run COMMAND on TARGET without a terminal: its output, its errors and its exit status are ours'
                'forward:Bring ports of TARGET, or with -L of hosts that it reaches, to localhost, until Ctrl-C'
                'tunnel:Reach NAME of SERVICE on localhost, through a node in its network, until Ctrl-C'
                'db:Open the database called NAME with its own client: psql, mysql, redis-cli, mongosh, curl…'
                'why:Tell whether the node TARGET reaches ENDPOINT; where it does not, which rule is missing'
                'up:Let the tunnels of the team'\''s file, ssmx.toml, be up: all, or those of these names'
                'down:End the tunnels of the team'\''s file, ssmx.toml: all, or those of these names'
                'init:Write a team'\''s file, ssmx.toml, from the tunnels that run now; with none, one to fill in'
                'ps:List the tunnels that run on this machine, in the background, on terminals and for a team'\''s file'
                'status:Watch tunnels: what they carry, through which node, when the sign-in ends, what is wrong'
                'wait:Return when every tunnel NAME is ready, also where it is not there yet'
                'logs:Print what the background tunnel NAME has said, or the last one of that name'
                'stop:End tunnels by their names, and return when they are gone'
                'resolve:Print the node that TARGET means, and fail as `ssmx shell` would where it means none or several'
                'ls:List nodes with their EC2 and SSM state side by side; or the endpoints of SERVICE and what reaches them'
                'index:What is known of nodes and endpoints without asking AWS: for Tab, and for names that were just looked up'
                'eks-token:Print what kubectl signs in to the EKS cluster with, for 14 minutes; kubectl asks for it itself'
                'sessions:List and end your open sessions, leftovers of a crash included'
                'config:Read and change the settings, and say which project files are trusted'
                'plugin:Look at the official session-manager-plugin, or put ssmx in its place'
                'sandbox:Run an AWS on this machine: 200 instances in three VPCs, with shells; nothing leaves 127.0.0.1'
                'completion:Let your shell complete commands, options and names'
            )
            options=(
                '-V:Show the version and exit'
                '--version:Show the version and exit'
            )
            ;;
        'ssmx shell')
            options=(
                '--document:Session document instead of the account'\''s default'
                '--parameter:Parameter of the document; repeat'
                '--transport:What carries the session: auto, plugin or native'
                '--newest:Of several, take the one launched last'
                '--oldest:Of several, take the one launched first'
                '--any:Of several, take the one with the first id'
                '--anywhere:Where it is not here, go where it is known to be'
                '--reason:Why, for the audit trail (256 characters)'
                '--wait:Wait until the node is online'
                '--dry-run:Print what would be done and the equivalent aws command'
            )
            takes='--document:document --parameter:any --transport:=auto,plugin,native --reason:any'
            arguments='target'
            ;;
        'ssmx run')
            options=(
                '--timeout:Interrupt the command after so long, and exit 75'
                '--newest:Of several, take the one launched last'
                '--oldest:Of several, take the one launched first'
                '--any:Of several, take the one with the first id'
                '--anywhere:Where it is not here, go where it is known to be'
                '--reason:Why, for the audit trail (256 characters)'
                '--wait:Wait until the node is online'
                '--dry-run:Print what would be done and the equivalent aws command'
            )
            takes='--timeout:any --reason:any'
            arguments='target'
            ;;
        'ssmx forward')
            options=(
                '-L:A port of a host; repeat'
                '--bind:Listen on this address instead of 127.0.0.1 and ::1; 0.0.0.0 lets other machines in'
                '--socket:A unix socket that only you can open, instead of a port'
                '--open:Show it in the browser'
                '--events:Print what happens as JSON, one object a line; on stderr where a client runs'
                '--background:Return when it is ready; `ssmx ps`, `stop`, `logs` look after it'
                '--name:What `ssmx stop` calls it'
                '--lanes:Sessions behind the port, 0.9 MB/s each: a connection takes the least loaded'
                '--transport:What carries the session: auto, plugin or native'
                '--newest:Of several, take the one launched last'
                '--oldest:Of several, take the one launched first'
                '--any:Of several, take the one with the first id'
                '--anywhere:Where it is not here, go where it is known to be'
                '--reason:Why, for the audit trail (256 characters)'
                '--wait:Wait until the node is online'
                '--dry-run:Print what would be done and the equivalent aws command'
            )
            takes='-L:any --bind:any --socket:file --open:any --events:=json --name:any --lanes:any --transport:=auto,plugin,native --reason:any'
            arguments='target any...'
            ;;
        'ssmx tunnel')
            options=(
                '--via:Go through this node; ssmx chooses one otherwise'
                '--port:Listen on this port; otherwise the same every time'
                '--bind:Listen on this address instead of 127.0.0.1 and ::1; 0.0.0.0 lets other machines in'
                '--reader:The reader endpoint of a cluster'
                '--endpoint:This one of several of the name: a custom endpoint, a listener'\''s port, a broker'
                '--user:Sign in as this user'
                '--iam-user:Sign a client in with a token of IAM'
                '--explain:Print which nodes reach it, best first, and why the others do not'
                '--background:Return when it is ready; `ssmx ps`, `stop`, `logs` look after it'
                '--name:What `ssmx stop` calls it'
                '--lanes:Sessions behind the port, 0.9 MB/s each: a connection takes the least loaded'
                '--events:Print what happens as JSON, one object a line; on stderr where a client runs'
                '--transport:What carries the session: auto, plugin or native'
                '--newest:Of several, take the one launched last'
                '--oldest:Of several, take the one launched first'
                '--any:Of several, take the one with the first id'
                '--anywhere:Where it is not here, go where it is known to be'
                '--reason:Why, for the audit trail (256 characters)'
                '--wait:Wait until the node is online'
                '--dry-run:Print what would be done and the equivalent aws command'
            )
            takes='--via:target --port:any --bind:any --endpoint:any --user:any --iam-user:any --name:any --lanes:any --events:=json --transport:=auto,plugin,native --reason:any'
            arguments='service named'
            ;;
        'ssmx db')
            options=(
                '--via:Go through this node; ssmx chooses one otherwise'
                '--port:Listen on this port; otherwise the same every time'
                '--bind:Listen on this address instead of 127.0.0.1 and ::1; 0.0.0.0 lets other machines in'
                '--reader:The reader endpoint of a cluster'
                '--endpoint:This one of several of the name: a custom endpoint, a listener'\''s port, a broker'
                '--user:Sign in as this user'
                '--iam-user:Sign a client in with a token of IAM'
                '--explain:Print which nodes reach it, best first, and why the others do not'
                '--background:Return when it is ready; `ssmx ps`, `stop`, `logs` look after it'
                '--name:What `ssmx stop` calls it'
                '--lanes:Sessions behind the port, 0.9 MB/s each: a connection takes the least loaded'
                '--events:Print what happens as JSON, one object a line; on stderr where a client runs'
                '--transport:What carries the session: auto, plugin or native'
                '--newest:Of several, take the one launched last'
                '--oldest:Of several, take the one launched first'
                '--any:Of several, take the one with the first id'
                '--anywhere:Where it is not here, go where it is known to be'
                '--reason:Why, for the audit trail (256 characters)'
                '--wait:Wait until the node is online'
                '--dry-run:Print what would be done and the equivalent aws command'
            )
            takes='--via:target --port:any --bind:any --endpoint:any --user:any --iam-user:any --name:any --lanes:any --events:=json --transport:=auto,plugin,native --reason:any'
            arguments='endpoint:rds,rds-proxy,docdb,neptune,elasticache,memorydb,redshift,redshift-serverless,opensearch'
            ;;
        'ssmx why')
            options=(
                '--reader:The reader endpoint of a cluster'
                '--endpoint:This one of several of the name: a custom endpoint, a listener'\''s port, a broker'
                '--newest:Of several, take the one launched last'
                '--oldest:Of several, take the one launched first'
                '--any:Of several, take the one with the first id'
                '--anywhere:Where it is not here, go where it is known to be'
                '--transport:What carries the session: auto, plugin or native'
                '--try:Open a session and ask the endpoint whether it lives'
            )
            takes='--endpoint:any --transport:=auto,plugin,native'
            arguments='target endpoint:'
            ;;
        'ssmx up')
            options=(
                '-f:This file, and not the nearest ssmx.toml'
                '--file:This file, and not the nearest ssmx.toml'
                '--foreground:Stay, until Ctrl-C: for a unit, or a container'
                '--client:Run the tunnel'\''s own client through it, here'
                '--export:Print connections as jdbc, pgpass, datagrip, dbeaver or env'
                '--unit:Print a user unit of systemd or launchd'
            )
            takes='-f:team --file:team --export:=jdbc,pgpass,datagrip,dbeaver,env --unit:=systemd,launchd'
            arguments='declared...'
            ;;
        'ssmx down')
            options=(
                '-f:This file, and not the nearest ssmx.toml'
                '--file:This file, and not the nearest ssmx.toml'
            )
            takes='-f:team --file:team'
            arguments='declared...'
            ;;
        'ssmx init')
            options=(
                '-f:This file, and not the nearest ssmx.toml'
                '--file:This file, and not the nearest ssmx.toml'
            )
            takes='-f:team --file:team'
            ;;
        'ssmx ps')
            ;;
        'ssmx status')
            options=(
                '-f:This file, and not the nearest ssmx.toml'
                '--file:This file, and not the nearest ssmx.toml'
                '--prometheus:Print it as Prometheus reads it'
            )
            takes='-f:team --file:team'
            arguments='running+declared...'
            ;;
        'ssmx wait')
            options=(
                '--timeout:Seconds; the setting wait_timeout'
            )
            takes='--timeout:any'
            arguments='running+declared...'
            ;;
        'ssmx logs')
            options=(
                '-f:Go on until the tunnel ends'
                '--follow:Go on until the tunnel ends'
            )
            arguments='running'
            ;;
        'ssmx stop')
            options=(
                '--all:All that `ssmx ps` lists'
            )
            arguments='running...'
            ;;
        'ssmx resolve')
            options=(
                '--newest:Of several, take the one launched last'
                '--oldest:Of several, take the one launched first'
                '--any:Of several, take the one with the first id'
                '--anywhere:Where it is not here, go where it is known to be'
                '-A:In all profiles and regions that the config lists as [scopes]; of these -p, -r alone'
                '--all-scopes:In all profiles and regions that the config lists as [scopes]; of these -p, -r alone'
            )
            arguments='target'
            ;;
        'ssmx ls')
            options=(
                '--columns:Of name, id, ip, zone, age, state, ssm, agent, ping, platform, type, vpc, dns, account, region, tag:KEY'
                '--cached:Nodes as they are known from before, at once, without asking AWS'
                '-A:In all profiles and regions that the config lists as [scopes]; of these -p, -r alone'
                '--all-scopes:In all profiles and regions that the config lists as [scopes]; of these -p, -r alone'
            )
            takes='--columns:any'
            arguments='service+=endpoints+target named+target...'
            ;;
        'ssmx index')
            commands=(
                'clear:Forget all of it'
                'refresh:List all nodes, endpoints and session documents of this account and region, and keep that'
                'show:List the accounts, regions and profiles of which something is known, and since when'
            )
            ;;
        'ssmx index clear')
            ;;
        'ssmx index refresh')
            options=(
                '--stale:Only what is older than `index_refresh` says'
                '-A:Of all profiles and regions that the config lists as [scopes]; of these -p, -r alone'
                '--all-scopes:Of all profiles and regions that the config lists as [scopes]; of these -p, -r alone'
                '--all:Of all profiles and regions that the config lists as [scopes]; of these -p, -r alone'
            )
            ;;
        'ssmx index show')
            ;;
        'ssmx eks-token')
            arguments='endpoint:eks'
            ;;
        'ssmx sessions')
            commands=(
                'end:End sessions of yours'
                'ls:List your open sessions in this account and region'
            )
            ;;
        'ssmx sessions end')
            options=(
                '--left-over:Those whose ssmx died'
                '--all:All of yours, whatever opened them'
            )
            arguments='any...'
            ;;
        'ssmx sessions ls')
            ;;
        'ssmx config')
            commands=(
                'get:Print the value of NAME alone: a setting, aliases.NAME, or targets.NAME.KEY'
                'path:Print where your config.toml and the nearest ssmx.toml are, or would be'
                'set:Set NAME in your config.toml: a setting, aliases.NAME, or targets.NAME.KEY'
                'show:Print every setting, alias and named target, and who says so'
                'trust:Trust FILE as it is now, and print what it may do; without FILE the nearest ssmx.toml from here upwards'
                'unset:Take NAME out of your config.toml; targets.NAME is all of a named target'
                'untrust:Trust FILE no more; without FILE the nearest ssmx.toml from here upwards'
                'validate:Say what is wrong with FILE, or with both files; exit 78 where anything is'
            )
            ;;
        'ssmx config get')
            arguments='any'
            ;;
        'ssmx config path')
            ;;
        'ssmx config set')
            options=(
                '--project:In the nearest ssmx.toml, and not in your config.toml'
            )
            arguments='any any'
            ;;
        'ssmx config show')
            ;;
        'ssmx config trust')
            arguments='file'
            ;;
        'ssmx config unset')
            options=(
                '--project:In the nearest ssmx.toml, and not in your config.toml'
            )
            arguments='any'
            ;;
        'ssmx config untrust')
            arguments='file'
            ;;
        'ssmx config validate')
            arguments='any'
            ;;
        'ssmx plugin')
            commands=(
                'shim:Write an executable named session-manager-plugin that is ssmx, and print where it is'
                'status:Tell which plugin is installed, whether it is any good, and what ssmx uses it for'
            )
            ;;
        'ssmx plugin shim')
            options=(
                '--dir:Folder to write it to, instead of ~/.local/bin'
                '--remove:Take it away again'
            )
            takes='--dir:file'
            ;;
        'ssmx plugin status')
            ;;
        'ssmx sandbox')
            commands=(
                'down:End the sandbox and every session in it'
                'env:Print shell lines that point other AWS tools at it'
                'status:Tell whether the sandbox runs; exit 1 where it does not'
                'up:Start the sandbox, unless it runs'
            )
            ;;
        'ssmx sandbox down')
            ;;
        'ssmx sandbox env')
            ;;
        'ssmx sandbox status')
            ;;
        'ssmx sandbox up')
            options=(
                '--idle-minutes:End after so long without use'
            )
            takes='--idle-minutes:any'
            ;;
        'ssmx completion')
            commands=(
                'install:Write the completion script of SHELL, or of yours, where that shell loads it'
                'show:Print the completion script of SHELL; `ssmx completion install` puts it where it belongs'
                'uninstall:Remove what `ssmx completion install` has written'
            )
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
    options+=("${(@)_ssmx_shared_options}")
    takes+=" $_ssmx_shared_takes"
}

typeset -g _ssmx_shared_takes _ssmx_regions _ssmx_documents _ssmx_services
typeset -g _ssmx_entry='from ssmx.completing import run; run()'
typeset -ga _ssmx_shared_options
_ssmx_shared_options=(
    '-p:AWS profile'
    '--profile:AWS profile'
    '-r:AWS region'
    '--region:AWS region'
    '-o:Answer as table, json, tsv, csv or name'
    '--output:Answer as table, json, tsv, csv or name'
    '--no-input:Never ask'
    '-v:Say what is asked of AWS'
    '--verbose:Say what is asked of AWS'
    '-q:Say nothing but errors'
    '--quiet:Say nothing but errors'
    '--sandbox:Use an AWS on this machine'
    '-h:Show this message and exit'
    '--help:Show this message and exit'
)
_ssmx_shared_takes='-p:profile --profile:profile -r:region --region:region -o:=table,json,tsv,csv,name --output:=table,json,tsv,csv,name'
_ssmx_regions='af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 ca-central-1 ca-west-1 eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 il-central-1 me-central-1 me-south-1 mx-central-1 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2 cn-north-1 cn-northwest-1 us-gov-east-1 us-gov-west-1'
_ssmx_documents='AWS-StartInteractiveCommand AWS-StartNonInteractiveCommand AWS-StartPortForwardingSession AWS-StartPortForwardingSessionToRemoteHost AWS-StartSSHSession'
_ssmx_services='rds rds-proxy docdb neptune elasticache memorydb redshift redshift-serverless opensearch msk mq eks alb nlb host'

if [[ $funcstack[1] == _ssmx ]]; then _ssmx "$@"; else compdef _ssmx ssmx; fi
