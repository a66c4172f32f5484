# Completion of ssmx for bash. Generated: ssmx completion show bash
_ssmx() {
    local word place=ssmx at offered=
    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
    COMPREPLY=()
    for ((at = 1; at < COMP_CWORD; at++)); do
        word=${COMP_WORDS[at]}
        case "$word" in
            --) return ;;  # what follows belongs to the user's command
            --bind|--columns|--dir|--document|--endpoint|--events|--export|--file|--iam-user|--idle-minutes|--lanes|--name|--open|--output|--parameter|--port|--profile|--reason|--region|--socket|--timeout|--transport|--unit|--user|--via|-L|-f|-o|-p|-r) ((at++)) ;;
            -*) ;;
            *) case "$place $word" in
                "ssmx shell") place="ssmx shell" ;;
                "ssmx run") place="ssmx run" ;;
                "ssmx forward") place="ssmx forward" ;;
                "ssmx tunnel") place="ssmx tunnel" ;;
                "ssmx db") place="ssmx db" ;;
                "ssmx why") place="ssmx why" ;;
                "ssmx up") place="ssmx up" ;;
                "ssmx down") place="ssmx down" ;;
                "ssmx init") place="ssmx init" ;;
                "ssmx ps") place="ssmx ps" ;;
                "ssmx status") place="ssmx status" ;;
                "ssmx wait") place="ssmx wait" ;;
                "ssmx logs") place="ssmx logs" ;;
                "ssmx stop") place="ssmx stop" ;;
                "ssmx resolve") place="ssmx resolve" ;;
                "ssmx ls") place="ssmx ls" ;;
                "ssmx index") place="ssmx index" ;;
                "ssmx index clear") place="ssmx index clear" ;;
                "ssmx index refresh") place="ssmx index refresh" ;;
                "ssmx index show") place="ssmx index show" ;;
                "ssmx eks-token") place="ssmx eks-token" ;;
                "ssmx sessions") place="ssmx sessions" ;;
                "ssmx sessions end") place="ssmx sessions end" ;;
                "ssmx sessions ls") place="ssmx sessions ls" ;;
                "ssmx config") place="ssmx config" ;;
                "ssmx config get") place="ssmx config get" ;;
                "ssmx config path") place="ssmx config path" ;;
                "ssmx config set") place="ssmx config set" ;;
                "ssmx config show") place="ssmx config show" ;;
                "ssmx config trust") place="ssmx config trust" ;;
                "ssmx config unset") place="ssmx config unset" ;;
                "ssmx config untrust") place="ssmx config untrust" ;;
                "ssmx config validate") place="ssmx config validate" ;;
                "ssmx plugin") place="ssmx plugin" ;;
                "ssmx plugin shim") place="ssmx plugin shim" ;;
                "ssmx plugin status") place="ssmx plugin status" ;;
                "ssmx sandbox") place="ssmx sandbox" ;;
                "ssmx sandbox down") place="ssmx sandbox down" ;;
                "ssmx sandbox env") place="ssmx sandbox env" ;;
                "ssmx sandbox status") place="ssmx sandbox status" ;;
                "ssmx sandbox up") place="ssmx sandbox up" ;;
                "ssmx completion") place="ssmx completion" ;;
                "ssmx completion show") place="ssmx completion show" ;;
            esac ;;
        esac
    done
    case "$before" in
        -o|--output) COMPREPLY=($(compgen -W 'table json tsv csv name' -- "$current")); return ;;
        --transport) COMPREPLY=($(compgen -W 'auto plugin native' -- "$current")); return ;;
        --events) COMPREPLY=($(compgen -W 'json' -- "$current")); return ;;
        --export) COMPREPLY=($(compgen -W 'jdbc pgpass datagrip dbeaver env' -- "$current")); return ;;
        --unit) COMPREPLY=($(compgen -W 'systemd launchd' -- "$current")); return ;;
        --bind|--columns|--dir|--document|--endpoint|--events|--export|--file|--iam-user|--idle-minutes|--lanes|--name|--open|--output|--parameter|--port|--profile|--reason|--region|--socket|--timeout|--transport|--unit|--user|--via|-L|-f|-o|-p|-r) return ;;
    esac
    case "$place" in
        "ssmx")
            if [[ $current == -* ]]; then offered='-p --profile -r --region -o --output --no-input -v --verbose -q --quiet --sandbox -V --version -h --help'
            else offered='shell run forward tunnel db why up down init ps status wait logs stop resolve ls index eks-token sessions config plugin sandbox completion'; fi ;;
        "ssmx shell")
            if [[ $current == -* ]]; then offered='--document --parameter --transport --newest --oldest --any --anywhere --reason --wait --dry-run -p --profile -r --region -o --output --no-input -v --verbose -q --quiet --sandbox -h --help'
            else offered=''; fi ;;
        "ssmx run")
            if [[ $current == -* ]]; then offered='--timeout --newest --oldest --any --anywhere --reason --wait --dry-run -p --profile -r --region -o --output --no-input -v --verbose -q --quiet --sandbox -h --help'
            else offered=''; fi ;;
        "ssmx forward")
            if [[ $current == -* ]]; then offered='-L --bind --socket --open --events --background --name --lanes --transport --newest --oldest --any --anywhere --reason --wait --dry-run -p --profile -r --region -o --output --no-input -v --verbose -q --quiet --sandbox -h --help'
            else offered=''; fi ;;
        "ssmx tunnel")
            if [[ $current == -* ]]; then offered='--via --port --bind --reader --endpoint --user --iam-user --explain --background --name --lanes --events --transport --newest --oldest --any --anywhere --reason --wait --dry-run -p --profile -r --region -o --output --no-input -v --verbose -q --quiet --sandbox -h --help'
            else offered=''; fi ;;
        "ssmx db")
            if [[ $current == -* ]]; then offered='--via --port --bind --reader --endpoint --user --iam-user --explain --background --name --lanes --events --transport --newest --oldest --any --anywhere --reason --wait --dry-run -p --profile -r --region -o --output --no-input -v --verbose -q --quiet --sandbox -h --help'
            else offered=''; fi ;;
        "ssmx why")
            if [[ $current == -* ]]; then offered='--reader --endpoint --newest --oldest --any --anywhere --transport --try -p --profile -r --region -o --output --no-input -v --verbose -q --quiet --sandbox -h --help'
            else offered=''; fi ;;
        "ssmx up")
            if [[ $current == -* ]]; then offered='-f --file --foreground --client --export --unit -p --profile -r --region -o --output --no-input -v --verbose -q --quiet --sandbox -h --help'
            else offered=''; fi ;;
        "ssmx down")
            if [[ $current == -* ]]; then offered='-f --file -p --profile -r --region -o --output --no-input -v --verbose -q --quiet --sandbox -h --help'
            else offered=''; fi ;;
        "ssmx init")
            if [[ $current == -* ]]; then offered='-f --file -p --profile -r --region -o --output --no-input -v --verbose -q --quiet --sandbox -h --help'
            else offered=''; fi ;;
        "ssmx ps")
            if [[ $current == -* ]]; then offered='-p --profile -r --region -o --output --no-input -v --verbose -q --quiet --sandbox -h --help'
            else offered=''; fi ;;
        "ssmx status")
            if [[ $current == -* ]]; then offered='-f --file --prometheus -p --profile -r --region -o --output --no-input -v --verbose -q --quiet --sandbox -h --help'
            else offered=''; fi ;;
        "ssmx wait")
            if [[ $current == -* ]]; then offered='--timeout -p --profile -r --region -o --output --no-input -v --verbose -q --quiet --sandbox -h --help'
            else offered=''; fi ;;
        "ssmx logs")
            if [[ $current == -* ]]; then offered='-f --follow -p --profile -r --region -o --output --no-input -v --verbose -q --quiet --sandbox -h --help'
            else offered=''; fi ;;
        "ssmx stop")
            if [[ $current == -* ]]; then offered='--all -p --profile -r --region -o --output --no-input -v --verbose -q --quiet --sandbox -h --help'
            else offered=''; fi ;;
        "ssmx resolve")
            if [[ $current == -* ]]; then offered='--newest --oldest --any --anywhere -p --profile -r --region -o --output --no-input -v --verbose -q --quiet --sandbox -h --help'
            else offered=''; fi ;;
        "ssmx ls")
            if [[ $current == -* ]]; then offered='--columns --cached -p --profile -r --region -o --output --no-input -v --verbose -q --quiet --sandbox -h --help'
            else offered=''; fi ;;
        "ssmx index")
            if [[ $current == -* ]]; then offered='-p --profile -r --region -o --output --no-input -v --verbose -q --quiet --sandbox -h --help'
            else offered='clear refresh show'; fi ;;
        "ssmx index clear")
            if [[ $current == -* ]]; then offered='-p --profile -r --region -o --output --no-input -v --verbose -q --quiet --sandbox -h --help'
            else offered=''; fi ;;
        "ssmx index refresh")
            if [[ $current == -* ]]; then offered='--stale -p --profile -r --region -o --output --no-input -v --verbose -q --quiet --sandbox -h --help'
            else offered=''; fi ;;
        "ssmx index show")
            if [[ $current == -* ]]; then offered='-p --profile -r --region -o --output --no-input -v --verbose -q --quiet --sandbox -h --help'
            else offered=''; fi ;;
        "ssmx eks-token")
            if [[ $current == -* ]]; then offered='-p --profile -r --region -o --output --no-input -v --verbose -q --quiet --sandbox -h --help'
            else offered=''; fi ;;
        "ssmx sessions")
            if [[ $current == -* ]]; then offered='-p --profile -r --region -o --output --no-input -v --verbose -q --quiet --sandbox -h --help'
            else offered='end ls'; fi ;;
        "ssmx sessions end")
            if [[ $current == -* ]]; then offered='--left-over --all -p --profile -r --region -o --output --no-input -v --verbose -q --quiet --sandbox -h --help'
            else offered=''; fi ;;
        "ssmx sessions ls")
            if [[ $current == -* ]]; then offered='-p --profile -r --region -o --output --no-input -v --verbose -q --quiet --sandbox -h --help'
            else offered=''; fi ;;
        "ssmx config")
            if [[ $current == -* ]]; then offered='-p --profile -r --region -o --output --no-input -v --verbose -q --quiet --sandbox -h --help'
            else offered='get path set show trust unset untrust validate'; fi ;;
        "ssmx config get")
            if [[ $current == -* ]]; then offered='-p --profile -r --region -o --output --no-input -v --verbose -q --quiet --sandbox -h --help'
            else offered=''; fi ;;
        "ssmx config path")
            if [[ $current == -* ]]; then offered='-p --profile -r --region -o --output --no-input -v --verbose -q --quiet --sandbox -h --help'
            else offered=''; fi ;;
        "ssmx config set")
            if [[ $current == -* ]]; then offered='--project -p --profile -r --region -o --output --no-input -v --verbose -q --quiet --sandbox -h --help'
            else offered=''; fi ;;
        "ssmx config show")
            if [[ $current == -* ]]; then offered='-p --profile -r --region -o --output --no-input -v --verbose -q --quiet --sandbox -h --help'
            else offered=''; fi ;;
        "ssmx config trust")
            if [[ $current == -* ]]; then offered='-p --profile -r --region -o --output --no-input -v --verbose -q --quiet --sandbox -h --help'
            else offered=''; fi ;;
        "ssmx config unset")
            if [[ $current == -* ]]; then offered='--project -p --profile -r --region -o --output --no-input -v --verbose -q --quiet --sandbox -h --help'
            else offered=''; fi ;;
        "ssmx config untrust")
            if [[ $current == -* ]]; then offered='-p --profile -r --region -o --output --no-input -v --verbose -q --quiet --sandbox -h --help'
            else offered=''; fi ;;
        "ssmx config validate")
            if [[ $current == -* ]]; then offered='-p --profile -r --region -o --output --no-input -v --verbose -q --quiet --sandbox -h --help'
            else offered=''; fi ;;
        "ssmx plugin")
            if [[ $current == -* ]]; then offered='-p --profile -r --region -o --output --no-input -v --verbose -q --quiet --sandbox -h --help'
            else offered='shim status'; fi ;;
        "ssmx plugin shim")
            if [[ $current == -* ]]; then offered='--dir --remove -p --profile -r --region -o --output --no-input -v --verbose -q --quiet --sandbox -h --help'
            else offered=''; fi ;;
        "ssmx plugin status")
            if [[ $current == -* ]]; then offered='-p --profile -r --region -o --output --no-input -v --verbose -q --quiet --sandbox -h --help'
            else offered=''; fi ;;
        "ssmx sandbox")
            if [[ $current == -* ]]; then offered='-p --profile -r --region -o --output --no-input -v --verbose -q --quiet --sandbox -h --help'
            else offered='down env status up'; fi ;;
        "ssmx sandbox down")
            if [[ $current == -* ]]; then offered='-p --profile -r --region -o --output --no-input -v --verbose -q --quiet --sandbox -h --help'
            else offered=''; fi ;;
        "ssmx sandbox env")
            if [[ $current == -* ]]; then offered='-p --profile -r --region -o --output --no-input -v --verbose -q --quiet --sandbox -h --help'
            else offered=''; fi ;;
        "ssmx sandbox status")
            if [[ $current == -* ]]; then offered='-p --profile -r --region -o --output --no-input -v --verbose -q --quiet --sandbox -h --help'
            else offered=''; fi ;;
        "ssmx sandbox up")
            if [[ $current == -* ]]; then offered='--idle-minutes -p --profile -r --region -o --output --no-input -v --verbose -q --quiet --sandbox -h --help'
            else offered=''; fi ;;
        "ssmx completion")
            if [[ $current == -* ]]; then offered='-p --profile -r --region -o --output --no-input -v --verbose -q --quiet --sandbox -h --help'
            else offered='show'; fi ;;
        "ssmx completion show")
            if [[ $current == -* ]]; then offered='-p --profile -r --region -o --output --no-input -v --verbose -q --quiet --sandbox -h --help'
            else offered='bash zsh fish'; fi ;;
    esac
    COMPREPLY=($(compgen -W "$offered" -- "$current"))
}
complete -o default -F _ssmx ssmx
