# Completion of ssmx for zsh. Generated: ssmx completion show zsh
#compdef ssmx
_ssmx() {
    local word before=${words[CURRENT-1]} path_of=ssmx at
    local -a offered
    for ((at = 2; at < CURRENT; at++)); do
        word=${words[at]}
        case "$word" in
            --) _files; return ;;
            --columns|--document|--idle-minutes|--output|--parameter|--profile|--reason|--region|--transport|-o|-p|-r) ((at++)) ;;
            -*) ;;
            *) case "$path_of $word" in
                "ssmx shell") path_of="ssmx shell" ;;
                "ssmx resolve") path_of="ssmx resolve" ;;
                "ssmx ls") path_of="ssmx ls" ;;
                "ssmx sessions") path_of="ssmx sessions" ;;
                "ssmx sessions end") path_of="ssmx sessions end" ;;
                "ssmx sessions ls") path_of="ssmx sessions ls" ;;
                "ssmx sandbox") path_of="ssmx sandbox" ;;
                "ssmx sandbox down") path_of="ssmx sandbox down" ;;
                "ssmx sandbox env") path_of="ssmx sandbox env" ;;
                "ssmx sandbox status") path_of="ssmx sandbox status" ;;
                "ssmx sandbox up") path_of="ssmx sandbox up" ;;
                "ssmx completion") path_of="ssmx completion" ;;
                "ssmx completion show") path_of="ssmx completion show" ;;
            esac ;;
        esac
    done
    case "$before" in
        -o|--output) compadd -- table json tsv csv name; return ;;
        --transport) compadd -- auto plugin native; return ;;
        --columns|--document|--idle-minutes|--output|--parameter|--profile|--reason|--region|--transport|-o|-p|-r) return ;;
    esac
    case "$path_of" in
        "ssmx")
            if [[ $PREFIX == -* ]]; then offered=(
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
                '-V:Show the version and exit'
                '--version:Show the version and exit'
                '-h:Show this message and exit'
                '--help:Show this message and exit'
            ); else offered=(
                'shell:Open a shell on TARGET: a name, i-…, mi-…, Key=Value[,Key=Value], an address,'
                'resolve:Print the node that TARGET means, and fail as `ssmx shell` would where it'
                'ls:List nodes with their EC2 and SSM state side by side'
                'sessions:List and end your open sessions, leftovers of a crash included'
                'sandbox:Run an AWS on this machine: 200 instances in three VPCs, with shells; nothing'
                'completion:Completion of commands and options in your shell'
            ); fi ;;
        "ssmx shell")
            if [[ $PREFIX == -* ]]; then offered=(
                '--document:Session document instead of the account'\''s default'
                '--parameter:Parameter of the document; repeat'
                '--reason:Why, for the audit trail (256 characters)'
                '--transport:What carries the session: auto, plugin or native'
                '--newest:Of several, take the one launched last'
                '--oldest:Of several, take the one launched first'
                '--any:Of several, take the one with the first id'
                '--wait:Wait until the node is online'
                '--dry-run:Print what would be done and the equivalent aws command'
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
            ); else offered=(
            ); fi ;;
        "ssmx resolve")
            if [[ $PREFIX == -* ]]; then offered=(
                '--newest:Of several, take the one launched last'
                '--oldest:Of several, take the one launched first'
                '--any:Of several, take the one with the first id'
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
            ); else offered=(
            ); fi ;;
        "ssmx ls")
            if [[ $PREFIX == -* ]]; then offered=(
                '--columns:Of name, id, ip, zone, age, state, ssm, agent, ping, platform, type, vpc, dns, account, region, tag:KEY'
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
            ); else offered=(
            ); fi ;;
        "ssmx sessions")
            if [[ $PREFIX == -* ]]; then offered=(
                '-h:Show this message and exit'
                '--help:Show this message and exit'
            ); else offered=(
                'end:End sessions of yours'
                'ls:List your open sessions in this account and region'
            ); fi ;;
        "ssmx sessions end")
            if [[ $PREFIX == -* ]]; then offered=(
                '--left-over:Those whose ssmx died'
                '--all:All of yours, whatever opened them'
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
            ); else offered=(
            ); fi ;;
        "ssmx sessions ls")
            if [[ $PREFIX == -* ]]; then offered=(
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
            ); else offered=(
            ); fi ;;
        "ssmx sandbox")
            if [[ $PREFIX == -* ]]; then offered=(
                '-h:Show this message and exit'
                '--help:Show this message and exit'
            ); else offered=(
                'down:End the sandbox and every session in it'
                'env:Print what points other AWS tools at the sandbox: eval "$(ssmx sandbox env)"'
                'status:Tell whether the sandbox runs; exit 1 where it does not'
                'up:Start the sandbox, unless it runs'
            ); fi ;;
        "ssmx sandbox down")
            if [[ $PREFIX == -* ]]; then offered=(
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
            ); else offered=(
            ); fi ;;
        "ssmx sandbox env")
            if [[ $PREFIX == -* ]]; then offered=(
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
            ); else offered=(
            ); fi ;;
        "ssmx sandbox status")
            if [[ $PREFIX == -* ]]; then offered=(
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
            ); else offered=(
            ); fi ;;
        "ssmx sandbox up")
            if [[ $PREFIX == -* ]]; then offered=(
                '--idle-minutes:End after so long without use'
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
            ); else offered=(
            ); fi ;;
        "ssmx completion")
            if [[ $PREFIX == -* ]]; then offered=(
                '-h:Show this message and exit'
                '--help:Show this message and exit'
            ); else offered=(
                'show:Print the completion script of SHELL'
            ); fi ;;
        "ssmx completion show")
            if [[ $PREFIX == -* ]]; then offered=(
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
            ); else offered=(
                'bash'
                'zsh'
                'fish'
            ); fi ;;
    esac
    _describe ssmx offered
}
if [[ $funcstack[1] == _ssmx ]]; then _ssmx "$@"; else compdef _ssmx ssmx; fi
