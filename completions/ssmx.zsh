#compdef ssmx
# Completion of ssmx for zsh. Generated: ssmx completion show zsh
_ssmx() {
    local word place=ssmx at before=${words[CURRENT-1]}
    local -a offered
    for ((at = 2; at < CURRENT; at++)); do
        word=${words[at]}
        case "$word" in
            --) _files; return ;;
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
        -o|--output) compadd -- table json tsv csv name; return ;;
        --transport) compadd -- auto plugin native; return ;;
        --events) compadd -- json; return ;;
        --export) compadd -- jdbc pgpass datagrip dbeaver env; return ;;
        --unit) compadd -- systemd launchd; return ;;
        --bind|--columns|--dir|--document|--endpoint|--events|--export|--file|--iam-user|--idle-minutes|--lanes|--name|--open|--output|--parameter|--port|--profile|--reason|--region|--socket|--timeout|--transport|--unit|--user|--via|-L|-f|-o|-p|-r) return ;;
    esac
    case "$place" in
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
                'completion:Completion of commands and options in your shell'
            ); fi ;;
        "ssmx shell")
            if [[ $PREFIX == -* ]]; then offered=(
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
        "ssmx run")
            if [[ $PREFIX == -* ]]; then offered=(
                '--timeout:Interrupt the command after so long, and exit 75'
                '--newest:Of several, take the one launched last'
                '--oldest:Of several, take the one launched first'
                '--any:Of several, take the one with the first id'
                '--anywhere:Where it is not here, go where it is known to be'
                '--reason:Why, for the audit trail (256 characters)'
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
        "ssmx forward")
            if [[ $PREFIX == -* ]]; then offered=(
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
        "ssmx tunnel")
            if [[ $PREFIX == -* ]]; then offered=(
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
        "ssmx db")
            if [[ $PREFIX == -* ]]; then offered=(
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
        "ssmx why")
            if [[ $PREFIX == -* ]]; then offered=(
                '--reader:The reader endpoint of a cluster'
                '--endpoint:This one of several of the name: a custom endpoint, a listener'\''s port, a broker'
                '--newest:Of several, take the one launched last'
                '--oldest:Of several, take the one launched first'
                '--any:Of several, take the one with the first id'
                '--anywhere:Where it is not here, go where it is known to be'
                '--transport:What carries the session: auto, plugin or native'
                '--try:Open a session and ask the endpoint whether it lives'
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
        "ssmx up")
            if [[ $PREFIX == -* ]]; then offered=(
                '-f:This file, and not the nearest ssmx.toml'
                '--file:This file, and not the nearest ssmx.toml'
                '--foreground:Stay, until Ctrl-C: for a unit, or a container'
                '--client:Run the tunnel'\''s own client through it, here'
                '--export:Print connections as jdbc, pgpass, datagrip, dbeaver or env'
                '--unit:Print a user unit of systemd or launchd'
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
        "ssmx down")
            if [[ $PREFIX == -* ]]; then offered=(
                '-f:This file, and not the nearest ssmx.toml'
                '--file:This file, and not the nearest ssmx.toml'
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
        "ssmx init")
            if [[ $PREFIX == -* ]]; then offered=(
                '-f:This file, and not the nearest ssmx.toml'
                '--file:This file, and not the nearest ssmx.toml'
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
        "ssmx ps")
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
        "ssmx status")
            if [[ $PREFIX == -* ]]; then offered=(
                '-f:This file, and not the nearest ssmx.toml'
                '--file:This file, and not the nearest ssmx.toml'
                '--prometheus:Print it as Prometheus reads it'
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
        "ssmx wait")
            if [[ $PREFIX == -* ]]; then offered=(
                '--timeout:Seconds; the setting wait_timeout'
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
        "ssmx logs")
            if [[ $PREFIX == -* ]]; then offered=(
                '-f:Go on until the tunnel ends'
                '--follow:Go on until the tunnel ends'
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
        "ssmx stop")
            if [[ $PREFIX == -* ]]; then offered=(
                '--all:All that `ssmx ps` lists'
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
                '--anywhere:Where it is not here, go where it is known to be'
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
                '--cached:Nodes as they are known from before, at once, without asking AWS'
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
        "ssmx index")
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
                'clear:Forget all of it'
                'refresh:List all nodes, endpoints and session documents of this account and region, and keep that'
                'show:List the accounts, regions and profiles of which something is known, and since when'
            ); fi ;;
        "ssmx index clear")
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
        "ssmx index refresh")
            if [[ $PREFIX == -* ]]; then offered=(
                '--stale:Only what is older than `index_refresh` says'
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
        "ssmx index show")
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
        "ssmx eks-token")
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
        "ssmx sessions")
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
        "ssmx config")
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
                'get:Print the value of NAME alone: a setting, aliases.NAME, or targets.NAME.KEY'
                'path:Print where your config.toml and the nearest ssmx.toml are, or would be'
                'set:Set NAME in your config.toml: a setting, aliases.NAME, or targets.NAME.KEY'
                'show:Print every setting, alias and named target, and who says so'
                'trust:Trust FILE as it is now, and print what it may do; without FILE the nearest ssmx.toml from here upwards'
                'unset:Take NAME out of your config.toml; targets.NAME is all of a named target'
                'untrust:Trust FILE no more; without FILE the nearest ssmx.toml from here upwards'
                'validate:Say what is wrong with FILE, or with both files; exit 78 where anything is'
            ); fi ;;
        "ssmx config get")
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
        "ssmx config path")
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
        "ssmx config set")
            if [[ $PREFIX == -* ]]; then offered=(
                '--project:In the nearest ssmx.toml, and not in your config.toml'
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
        "ssmx config show")
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
        "ssmx config trust")
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
        "ssmx config unset")
            if [[ $PREFIX == -* ]]; then offered=(
                '--project:In the nearest ssmx.toml, and not in your config.toml'
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
        "ssmx config untrust")
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
        "ssmx config validate")
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
        "ssmx plugin")
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
                'shim:Write an executable named session-manager-plugin that is ssmx, and print where it is'
                'status:Tell which plugin is installed, whether it is any good, and what ssmx uses it for'
            ); fi ;;
        "ssmx plugin shim")
            if [[ $PREFIX == -* ]]; then offered=(
                '--dir:Folder to write it to, instead of ~/.local/bin'
                '--remove:Take it away again'
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
        "ssmx plugin status")
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
                'down:End the sandbox and every session in it'
                'env:Print shell lines that point other AWS tools at it'
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
