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

@index@

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
@places@
    esac
    options+=("${(@)_ssmx_shared_options}")
    takes+=" $_ssmx_shared_takes"
}

typeset -g _ssmx_shared_takes _ssmx_regions _ssmx_documents _ssmx_services
typeset -g _ssmx_entry='from ssmx.completing import run; run()'
typeset -ga _ssmx_shared_options
@words@

if [[ $funcstack[1] == _ssmx ]]; then _ssmx "$@"; else compdef _ssmx ssmx; fi
