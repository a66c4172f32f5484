# Completion of ssmx for fish. Generated: ssmx completion show fish
#
# Names of nodes and endpoints come from the index that ssmx keeps (ssmx/store/pointed.py says how it lies there):
# this shell reads it with builtins, without a fork. fish matches and quotes. All functions share the variables of
# _ssmx: that is what -S says.

function _ssmx
    set -l before (commandline -opc; commandline -ct)
    set -l word "$before[-1]"
    set -e before[-1]
    set -l typed $word
    if string match -q -r '[\'"\\\\]' -- $word
        set typed (string unescape -- $word 2>/dev/null)
        or set typed (string replace -r '^[\'"]' '' -- $word)
    end
    set -l program ssmx
    if string match -q '*/*' -- $before[1]; and test -x $before[1]
        set program $before[1]
    end
    set -l place ssmx
    set -l commands
    set -l options
    set -l takes
    set -l arguments
    set -l passed
    set -l kind
    set -l prefix ''
    set -l profile
    set -l region
    set -l sandbox
    set -l team
    set -l looked
    set -l config
    set -l project
    set -l scope
    _ssmx_place
    for each in $before[2..]
        if test -n "$kind"
            _ssmx_given $kind $each
            set kind
            continue
        end
        switch $each
            case --
                # What follows belongs to the user's command.
                __fish_complete_path $word
                return
            case --sandbox
                set sandbox --sandbox
            case '--*=*'
                set -l halves (string split -m 1 = -- $each)
                _ssmx_takes $halves[1]
                test -n "$kind"; and _ssmx_given $kind $halves[2]
                set kind
            case '--*'
                _ssmx_takes $each
            case '-?*'
                _ssmx_letters $each
            case '*'
                # A command, or what might match one.
                if string match -q -r '^[\w-]+$' -- $each; and string match -q -- $each\t'*' $commands
                    set place "$place $each"
                    _ssmx_place
                else
                    set -a passed $each
                end
        end
    end
    test -z "$kind"; and _ssmx_attached

    if test -n "$kind"
        _ssmx_offer $kind
    else if string match -q -- '-*' $typed
        printf '%s\n' $options $_ssmx_shared_options
    else if test -n "$commands"
        printf '%s\n' $commands
        test "$place" = ssmx; and _ssmx_offer alias
    else
        _ssmx_argument
    end
end

# What the option $argv takes here: into `kind`; nothing for a flag.
function _ssmx_takes -S
    set kind
    for pair in $takes $_ssmx_shared_takes
        set -l halves (string split -m 1 : -- $pair)
        if test "$halves[1]" = "$argv"
            set kind $halves[2]
            return
        end
    end
end

# Short options in one word: -v, -pNAME, -vp NAME.
function _ssmx_letters -S
    set -l letters (string split '' -- (string sub -s 2 -- $argv))
    for at in (seq (count $letters))
        _ssmx_takes -$letters[$at]
        if test -n "$kind"
            if test $at -lt (count $letters)
                _ssmx_given $kind (string join '' -- $letters[(math $at + 1)..])
                set kind
            end
            return
        end
    end
end

# An option took a word: what it takes, the word.
function _ssmx_given -S
    switch $argv[1]
        case profile
            set profile $argv[2]
        case region
            set region $argv[2]
        case team
            set team $argv[2]
    end
end

# An option and its value in the word that is being typed: --profile=pr, -ppr.
function _ssmx_attached -S
    string match -q -- '-*' $typed; or return
    set -l halves (string match -r '^(--[^=]*)=(.*)|^(-[^-])(.+)' -- $typed)
    test (count $halves) -ge 3; or return
    _ssmx_takes $halves[-2]
    if test -n "$kind"
        set prefix (string sub -l (math (string length -- $typed) - (string length -- "$halves[-1]")) -- $typed)
        set typed $halves[-1]
    end
end

# The argument that is being typed: the last kind goes on where it ends in dots.
function _ssmx_argument -S
    set -l kinds $arguments
    for each in $passed
        if set -q kinds[2]
            set -e kinds[1]
        else
            string match -q -- '*...' $kinds; or return
        end
    end
    set -q kinds[1]; or return
    string match -q -- '*...' $kinds[1]; and set kinds[1] (string replace -r '\.\.\.$' '' -- $kinds[1])
    _ssmx_offer $kinds[1]
end

# Candidates of a kind; kinds joined by + are all offered.
function _ssmx_offer -S
    switch $argv
        case '=*'
            _ssmx_say (string split , -- (string sub -s 2 -- $argv))
        case '*+*'
            for one in (string split + -- $argv)
                _ssmx_offer $one
            end
        case target
            _ssmx_target
        case region
            _ssmx_say $_ssmx_regions
        case document
            _ssmx_say $_ssmx_documents
            _ssmx_listed documents
        case service
            _ssmx_service
        case named
            _ssmx_endpoint "$passed[1]" name
        case 'endpoint:*'
            _ssmx_endpoint (string replace endpoint: '' -- $argv) both
        case file team
            __fish_complete_path $word
        case alias
            _ssmx_mention aliases; and _ssmx_ask alias
        case declared
            _ssmx_ask declared $team
        case profile running
            _ssmx_ask $argv
    end
end

# Offer the words.
function _ssmx_say -S
    set -q argv[1]; and printf '%s\n' $prefix$argv
end

# A node: its name, or what else names it; an alias of the user's or the project's; and %PROFILE/REGION behind any.
function _ssmx_target -S
    set -l offered
    switch $typed
        case 'i-*' 'mi-*' 'asg/*' '*=*'
            _ssmx_listed words; and set offered 1
    end
    if test -z "$offered"
        _ssmx_listed names; and set offered 1
    end
    if test -z "$offered"; and test -n "$typed"
        _ssmx_listed words; and set offered 1
    end
    if _ssmx_mention targets
        set -l pattern
        _ssmx_begins
        set -l found (_ssmx_python target | string match -- $pattern)
        and _ssmx_say $found
        and set offered 1
    end
    test -n "$offered"; and return
    set -l cut (string match -r '^([^%]*%(?:.*/)?)([^/]*)$' -- $typed)
    if not set -q cut[1]
        # None begins so: what fish finds in the middle of names, or written large.
        test -n "$typed"; and set typed ''; and _ssmx_listed names
        return
    end
    set prefix $cut[2]
    set typed $cut[3]
    string match -q '*/' -- $prefix; and _ssmx_offer region; or _ssmx_offer profile
end

# A service; or SERVICE/NAME.
function _ssmx_service -S
    if string match -q '*/*' -- $typed
        _ssmx_endpoint (string split -f 1 / -- $typed) full
    else
        _ssmx_say $_ssmx_services
    end
end

# Names of the services $argv[1], which commas divide, or of all; `full` and where one is typed: as SERVICE/NAME.
function _ssmx_endpoint -S
    set -l wanted '[^/]+'
    test -n "$argv[1]"; and set wanted (string replace -a , '|' -- $argv[1])
    set -l form $argv[2]
    test $form = both; and string match -q '*/*' -- $typed; and set form full
    set -l list (begin; set -l typed ''; set -l prefix ''; _ssmx_listed endpoints; end)
    set list (string match -r "^(?:$wanted)/.*" -- $list)
    test $form = full; or set list (string replace -r '^[^/]*/' '' -- $list)
    _ssmx_say $list
end

# Offer the lines of the list $argv that begin with what is typed, or nothing where the list is broken; fails where it
# offers none. Has the index refreshed where that is due.
#
# Here and in all that runs before: no (…) that is not needed, for each takes as long as reading 500 lines.
function _ssmx_listed -S
    _ssmx_scope
    set -l file $scope/$argv
    if test -z "$scope"; or not _ssmx_own $file
        _ssmx_refresh
        return 1
    end
    read -l -d ' ' magic format stale lines <$file
    set -l header "$magic $format $stale $lines"
    string match -q -r '^ssmx 1 \d+ \d+$' -- $header; or return
    # Every line counts, and one whose end is missing does not.
    set -l seen (count <$file; math $lines + 1; _ssmx_times $file)
    test $seen[1] -eq $seen[2]; or return
    set -l pattern
    _ssmx_begins
    if test -n "$prefix"; or string match -q -- $pattern $header
        # The header would be one of those that begin with ssmx, or with nothing.
        set -l found (string match -- $pattern <$file | string match -v -- $header)
        and _ssmx_say $found
    else
        string match -- $pattern <$file
    end
    set -l offered $status
    set -q seen[3]; and test (math $seen[3] + $seen[4]) -ge $stale; and _ssmx_refresh
    return $offered
end

# When a file changed, in seconds since 1970, and how long that is ago; nothing before fish 3.5.
function _ssmx_times
    builtin -q path; and path mtime -- $argv; and path mtime -R -- $argv
end

# What matches all that begins with what is typed, into `pattern`.
function _ssmx_begins -S
    set pattern $typed'*'
    string match -q -r '[*?\\\\]' -- $typed
    and set pattern (string replace -r -a '[*?\\\\]' '\\\\$0' -- $typed)'*'
end

# The folder of the scope that is in use, into `scope`; nothing where it is not known. As store/pointed and
# model/pointer do it.
function _ssmx_scope -S
    set scope
    set -l folder $XDG_CACHE_HOME
    string match -q '/*' -- "$folder"; or _ssmx_home .cache Caches
    string match -q '/*' -- "$folder"; or return
    set -l index $folder/ssmx/index
    _ssmx_look
    set -l parts "$profile" "$region" "$AWS_ACCESS_KEY_ID"
    test -n "$profile$SSMX_PROFILE"; and set parts[3] ''
    for each in $SSMX_PROFILE $AWS_DEFAULT_PROFILE $AWS_PROFILE
        test -n "$parts[1]"; and break
        set parts[1] $each
    end
    for each in $SSMX_REGION $AWS_REGION $AWS_DEFAULT_REGION
        test -n "$parts[2]"; and break
        set parts[2] $each
    end
    if test -n "$sandbox"
        set -a parts s=1
    else if test -n "$SSMX_SANDBOX"; and string match -q -i -r '^(1|true|yes|on)$' -- "$SSMX_SANDBOX"
        set -a parts s=1
    end
    test -n "$AWS_ENDPOINT_URL"; and set -a parts e=$AWS_ENDPOINT_URL
    test -n "$AWS_ENDPOINT_URL_EC2"; and set -a parts n=$AWS_ENDPOINT_URL_EC2
    test -n "$AWS_ROLE_ARN"; and set -a parts r=$AWS_ROLE_ARN
    set -l uri $AWS_CONTAINER_CREDENTIALS_RELATIVE_URI
    test -n "$uri"; and set -a parts u=$uri
    set uri $AWS_CONTAINER_CREDENTIALS_FULL_URI
    test -n "$uri"; and set -a parts U=$uri
    test -n "$AWS_CONFIG_FILE"; and set -a parts c=$AWS_CONFIG_FILE
    test -n "$AWS_SHARED_CREDENTIALS_FILE"; and set -a parts x=$AWS_SHARED_CREDENTIALS_FILE
    test -n "$project"; and set -a parts f=$project
    if string match -q -r '[%/,]' -- $parts
        set parts (string replace -a % %25 -- $parts | string replace -a / %2F | string replace -a , %2C)
    end
    set -l at $index/at/$parts[1]
    for each in $parts[2..]
        set at $at,$each
    end
    _ssmx_own $at; or return
    set -l deciding $config $project
    test -n "$AWS_CONFIG_FILE"; and set -a deciding $AWS_CONFIG_FILE
    or set -a deciding "$HOME/.aws/config"
    test -n "$AWS_SHARED_CREDENTIALS_FILE"; and set -a deciding $AWS_SHARED_CREDENTIALS_FILE
    or set -a deciding "$HOME/.aws/credentials"
    # The tilde as botocore reads it.
    for each in (string replace -r '^~/' "$HOME/" -- $deciding)
        test -e $each; and not test $at -nt $each; and return
        test -L $each; and not contains -- $each $config $project
        and not test $at -nt (string replace -r '/[^/]*$' '' -- $each); and return
    end
    read -l name <$at
    switch "$name"
        case '' . .. '*/*'
        case '*'
            set scope $index/scopes/$name
    end
end

# A folder of the home, into `folder`: $argv[1] as others have it, $argv[2] as macOS does; nothing without a home.
function _ssmx_home -S
    if test -z "$HOME"
        set folder
    else if test -d /System/Library/CoreServices
        set folder $HOME/Library/$argv[2]
    else
        set folder $HOME/$argv[1]
    end
end

# Where ssmx's own file would be, into `config`, and the nearest ssmx.toml from here upwards, into `project`; once.
function _ssmx_look -S
    set -q looked[1]; and return
    set looked 1
    set -l folder $XDG_CONFIG_HOME
    string match -q '/*' -- "$folder"; or _ssmx_home .config 'Application Support'
    test -n "$folder"; and set config $folder/ssmx/config.toml
    # From the root, or from home, down to here; the last is the nearest.
    set -l files
    set folder
    for part in (string split / -- $PWD)
        test -z "$part" -a -n "$files"; and continue
        set folder $folder/$part
        test -z "$part"; and set folder ''
        test "$folder" = "$HOME"; and set files
        set -a files $folder/ssmx.toml
    end
    for file in $files[-1..1]
        if test -e $file; or test -L $file
            set project $file
            return
        end
    end
end

# Is it a file of the user's own, and no link?
function _ssmx_own
    test -f $argv -a -O $argv -a ! -L $argv -a -r $argv
end

# Does one of our two files hold the word?
function _ssmx_mention -S
    _ssmx_look
    for file in $config $project
        test -f $file -a -r $file; and string match -q "*$argv*" <$file; and return 0
    end
    return 1
end

# What only Python knows: the lines of `ssmx __complete …`.
function _ssmx_ask -S
    _ssmx_say (_ssmx_python $argv)
end

# The interpreter that ssmx's first line names is asked, for what pip writes below that line imports more than all the
# rest. -P: nothing is imported from the folder one is in.
function _ssmx_python -S
    read -l first <(command -s $program)
    set first (string replace '#!' '' -- "$first")
    if string match -q '*/python*' -- $first; and test -x $first
        $first -P -c 'from ssmx.completing import run; run()' __complete $argv </dev/null 2>/dev/null
    else
        command $program __complete $argv </dev/null 2>/dev/null
    end
end

# One refresh, which nobody waits for; at most one in ten seconds from this shell.
function _ssmx_refresh -S
    set -l times (_ssmx_times /)
    set -l now
    set -q times[1]; and set now (math $times[1] + $times[2])
    or set now (date +%s)
    set -q _ssmx_refreshed; and test (math $now - $_ssmx_refreshed) -lt 10; and return
    set -g _ssmx_refreshed $now
    set -l given
    test -n "$profile"; and set -a given -p $profile
    test -n "$region"; and set -a given -r $region
    command $program __refresh $given $sandbox </dev/null >/dev/null 2>&1 &
    disown
end

# What the command `place` has: `commands`, `options`, which of these take a value and of what kind, `arguments`.
function _ssmx_place -S
    set commands
    set options
    set takes
    set arguments
    switch $place
        case 'ssmx'
            set commands \
                'shell'\t'Open a shell on TARGET: a name, i-…, mi-…, Key=Value[,Key=Value], an address, a DNS name or asg/NAME' \
                'run'\t'Run COMMAND on TARGET without a terminal: its output, its errors and its exit status are ours' \
                'forward'\t'Bring ports of TARGET, or with -L of hosts that it reaches, to localhost, until Ctrl-C' \
                'tunnel'\t'Reach NAME of SERVICE on localhost, through a node in its network, until Ctrl-C' \
                'db'\t'Open the database called NAME with its own client: psql, mysql, redis-cli, mongosh, curl…' \
                'why'\t'Tell whether the node TARGET reaches ENDPOINT; where it does not, which rule is missing' \
                'up'\t'Let the tunnels of the team\'s file, ssmx.toml, be up: all, or those of these names' \
                'down'\t'End the tunnels of the team\'s file, ssmx.toml: all, or those of these names' \
                'init'\t'Write a team\'s file, ssmx.toml, from the tunnels that run now; with none, one to fill in' \
                'ps'\t'List the tunnels that run on this machine, in the background, on terminals and for a team\'s file' \
                'status'\t'Watch tunnels: what they carry, through which node, when the sign-in ends, what is wrong' \
                'wait'\t'Return when every tunnel NAME is ready, also where it is not there yet' \
                'logs'\t'Print what the background tunnel NAME has said, or the last one of that name' \
                'stop'\t'End tunnels by their names, and return when they are gone' \
                'resolve'\t'Print the node that TARGET means, and fail as `ssmx shell` would where it means none or several' \
                'ls'\t'List nodes with their EC2 and SSM state side by side; or the endpoints of SERVICE and what reaches them' \
                'index'\t'What is known of nodes and endpoints without asking AWS: for Tab, and for names that were just looked up' \
                'eks-token'\t'Print what kubectl signs in to the EKS cluster with, for 14 minutes; kubectl asks for it itself' \
                'sessions'\t'List and end your open sessions, leftovers of a crash included' \
                'config'\t'Read and change the settings, and say which project files are trusted' \
                'plugin'\t'Look at the official session-manager-plugin, or put ssmx in its place' \
                'sandbox'\t'Run an AWS on this machine: 200 instances in three VPCs, with shells; nothing leaves 127.0.0.1' \
                'completion'\t'Let your shell complete commands, options and names'
            set options \
                '-V'\t'Show the version and exit' \
                '--version'\t'Show the version and exit'
        case 'ssmx shell'
            set options \
                '--document'\t'Session document instead of the account\'s default' \
                '--parameter'\t'Parameter of the document; repeat' \
                '--transport'\t'What carries the session: auto, plugin or native' \
                '--newest'\t'Of several, take the one launched last' \
                '--oldest'\t'Of several, take the one launched first' \
                '--any'\t'Of several, take the one with the first id' \
                '--anywhere'\t'Where it is not here, go where it is known to be' \
                '--reason'\t'Why, for the audit trail (256 characters)' \
                '--wait'\t'Wait until the node is online' \
                '--dry-run'\t'Print what would be done and the equivalent aws command'
            set takes '--document:document' '--parameter:any' '--transport:=auto,plugin,native' '--reason:any'
            set arguments 'target'
        case 'ssmx run'
            set options \
                '--timeout'\t'Interrupt the command after so long, and exit 75' \
                '--newest'\t'Of several, take the one launched last' \
                '--oldest'\t'Of several, take the one launched first' \
                '--any'\t'Of several, take the one with the first id' \
                '--anywhere'\t'Where it is not here, go where it is known to be' \
                '--reason'\t'Why, for the audit trail (256 characters)' \
                '--wait'\t'Wait until the node is online' \
                '--dry-run'\t'Print what would be done and the equivalent aws command'
            set takes '--timeout:any' '--reason:any'
            set arguments 'target'
        case 'ssmx forward'
            set options \
                '-L'\t'A port of a host; repeat' \
                '--bind'\t'Listen on this address instead of 127.0.0.1 and ::1; 0.0.0.0 lets other machines in' \
                '--socket'\t'A unix socket that only you can open, instead of a port' \
                '--open'\t'Show it in the browser' \
                '--events'\t'Print what happens as JSON, one object a line; on stderr where a client runs' \
                '--background'\t'Return when it is ready; `ssmx ps`, `stop`, `logs` look after it' \
                '--name'\t'What `ssmx stop` calls it' \
                '--lanes'\t'Sessions behind the port, 0.9 MB/s each: a connection takes the least loaded' \
                '--transport'\t'What carries the session: auto, plugin or native' \
                '--newest'\t'Of several, take the one launched last' \
                '--oldest'\t'Of several, take the one launched first' \
                '--any'\t'Of several, take the one with the first id' \
                '--anywhere'\t'Where it is not here, go where it is known to be' \
                '--reason'\t'Why, for the audit trail (256 characters)' \
                '--wait'\t'Wait until the node is online' \
                '--dry-run'\t'Print what would be done and the equivalent aws command'
            set takes '-L:any' '--bind:any' '--socket:file' '--open:any' '--events:=json' '--name:any' '--lanes:any' '--transport:=auto,plugin,native' '--reason:any'
            set arguments 'target' 'any...'
        case 'ssmx tunnel'
            set options \
                '--via'\t'Go through this node; ssmx chooses one otherwise' \
                '--port'\t'Listen on this port; otherwise the same every time' \
                '--bind'\t'Listen on this address instead of 127.0.0.1 and ::1; 0.0.0.0 lets other machines in' \
                '--reader'\t'The reader endpoint of a cluster' \
                '--endpoint'\t'This one of several of the name: a custom endpoint, a listener\'s port, a broker' \
                '--user'\t'Sign in as this user' \
                '--iam-user'\t'Sign a client in with a token of IAM' \
                '--explain'\t'Print which nodes reach it, best first, and why the others do not' \
                '--background'\t'Return when it is ready; `ssmx ps`, `stop`, `logs` look after it' \
                '--name'\t'What `ssmx stop` calls it' \
                '--lanes'\t'Sessions behind the port, 0.9 MB/s each: a connection takes the least loaded' \
                '--events'\t'Print what happens as JSON, one object a line; on stderr where a client runs' \
                '--transport'\t'What carries the session: auto, plugin or native' \
                '--newest'\t'Of several, take the one launched last' \
                '--oldest'\t'Of several, take the one launched first' \
                '--any'\t'Of several, take the one with the first id' \
                '--anywhere'\t'Where it is not here, go where it is known to be' \
                '--reason'\t'Why, for the audit trail (256 characters)' \
                '--wait'\t'Wait until the node is online' \
                '--dry-run'\t'Print what would be done and the equivalent aws command'
            set takes '--via:target' '--port:any' '--bind:any' '--endpoint:any' '--user:any' '--iam-user:any' '--name:any' '--lanes:any' '--events:=json' '--transport:=auto,plugin,native' '--reason:any'
            set arguments 'service' 'named'
        case 'ssmx db'
            set options \
                '--via'\t'Go through this node; ssmx chooses one otherwise' \
                '--port'\t'Listen on this port; otherwise the same every time' \
                '--bind'\t'Listen on this address instead of 127.0.0.1 and ::1; 0.0.0.0 lets other machines in' \
                '--reader'\t'The reader endpoint of a cluster' \
                '--endpoint'\t'This one of several of the name: a custom endpoint, a listener\'s port, a broker' \
                '--user'\t'Sign in as this user' \
                '--iam-user'\t'Sign a client in with a token of IAM' \
                '--explain'\t'Print which nodes reach it, best first, and why the others do not' \
                '--background'\t'Return when it is ready; `ssmx ps`, `stop`, `logs` look after it' \
                '--name'\t'What `ssmx stop` calls it' \
                '--lanes'\t'Sessions behind the port, 0.9 MB/s each: a connection takes the least loaded' \
                '--events'\t'Print what happens as JSON, one object a line; on stderr where a client runs' \
                '--transport'\t'What carries the session: auto, plugin or native' \
                '--newest'\t'Of several, take the one launched last' \
                '--oldest'\t'Of several, take the one launched first' \
                '--any'\t'Of several, take the one with the first id' \
                '--anywhere'\t'Where it is not here, go where it is known to be' \
                '--reason'\t'Why, for the audit trail (256 characters)' \
                '--wait'\t'Wait until the node is online' \
                '--dry-run'\t'Print what would be done and the equivalent aws command'
            set takes '--via:target' '--port:any' '--bind:any' '--endpoint:any' '--user:any' '--iam-user:any' '--name:any' '--lanes:any' '--events:=json' '--transport:=auto,plugin,native' '--reason:any'
            set arguments 'endpoint:rds,rds-proxy,docdb,neptune,elasticache,memorydb,redshift,redshift-serverless,opensearch'
        case 'ssmx why'
            set options \
                '--reader'\t'The reader endpoint of a cluster' \
                '--endpoint'\t'This one of several of the name: a custom endpoint, a listener\'s port, a broker' \
                '--newest'\t'Of several, take the one launched last' \
                '--oldest'\t'Of several, take the one launched first' \
                '--any'\t'Of several, take the one with the first id' \
                '--anywhere'\t'Where it is not here, go where it is known to be' \
                '--transport'\t'What carries the session: auto, plugin or native' \
                '--try'\t'Open a session and ask the endpoint whether it lives'
            set takes '--endpoint:any' '--transport:=auto,plugin,native'
            set arguments 'target' 'endpoint:'
        case 'ssmx up'
            set options \
                '-f'\t'This file, and not the nearest ssmx.toml' \
                '--file'\t'This file, and not the nearest ssmx.toml' \
                '--foreground'\t'Stay, until Ctrl-C: for a unit, or a container' \
                '--client'\t'Run the tunnel\'s own client through it, here' \
                '--export'\t'Print connections as jdbc, pgpass, datagrip, dbeaver or env' \
                '--unit'\t'Print a user unit of systemd or launchd'
            set takes '-f:team' '--file:team' '--export:=jdbc,pgpass,datagrip,dbeaver,env' '--unit:=systemd,launchd'
            set arguments 'declared...'
        case 'ssmx down'
            set options \
                '-f'\t'This file, and not the nearest ssmx.toml' \
                '--file'\t'This file, and not the nearest ssmx.toml'
            set takes '-f:team' '--file:team'
            set arguments 'declared...'
        case 'ssmx init'
            set options \
                '-f'\t'This file, and not the nearest ssmx.toml' \
                '--file'\t'This file, and not the nearest ssmx.toml'
            set takes '-f:team' '--file:team'
        case 'ssmx ps'
        case 'ssmx status'
            set options \
                '-f'\t'This file, and not the nearest ssmx.toml' \
                '--file'\t'This file, and not the nearest ssmx.toml' \
                '--prometheus'\t'Print it as Prometheus reads it'
            set takes '-f:team' '--file:team'
            set arguments 'running+declared...'
        case 'ssmx wait'
            set options \
                '--timeout'\t'Seconds; the setting wait_timeout'
            set takes '--timeout:any'
            set arguments 'running+declared...'
        case 'ssmx logs'
            set options \
                '-f'\t'Go on until the tunnel ends' \
                '--follow'\t'Go on until the tunnel ends'
            set arguments 'running'
        case 'ssmx stop'
            set options \
                '--all'\t'All that `ssmx ps` lists'
            set arguments 'running...'
        case 'ssmx resolve'
            set options \
                '--newest'\t'Of several, take the one launched last' \
                '--oldest'\t'Of several, take the one launched first' \
                '--any'\t'Of several, take the one with the first id' \
                '--anywhere'\t'Where it is not here, go where it is known to be' \
                '-A'\t'In all profiles and regions that the config lists as [scopes]; of these -p, -r alone' \
                '--all-scopes'\t'In all profiles and regions that the config lists as [scopes]; of these -p, -r alone'
            set arguments 'target'
        case 'ssmx ls'
            set options \
                '--columns'\t'Of name, id, ip, zone, age, state, ssm, agent, ping, platform, type, vpc, dns, account, region, tag:KEY' \
                '--cached'\t'Nodes as they are known from before, at once, without asking AWS' \
                '-A'\t'In all profiles and regions that the config lists as [scopes]; of these -p, -r alone' \
                '--all-scopes'\t'In all profiles and regions that the config lists as [scopes]; of these -p, -r alone'
            set takes '--columns:any'
            set arguments 'service+=endpoints+target' 'named+target...'
        case 'ssmx index'
            set commands \
                'clear'\t'Forget all of it' \
                'refresh'\t'List all nodes, endpoints and session documents of this account and region, and keep that' \
                'show'\t'List the accounts, regions and profiles of which something is known, and since when'
        case 'ssmx index clear'
        case 'ssmx index refresh'
            set options \
                '--stale'\t'Only what is older than `index_refresh` says' \
                '-A'\t'Of all profiles and regions that the config lists as [scopes]; of these -p, -r alone' \
                '--all-scopes'\t'Of all profiles and regions that the config lists as [scopes]; of these -p, -r alone' \
                '--all'\t'Of all profiles and regions that the config lists as [scopes]; of these -p, -r alone'
        case 'ssmx index show'
        case 'ssmx eks-token'
            set arguments 'endpoint:eks'
        case 'ssmx sessions'
            set commands \
                'end'\t'End sessions of yours' \
                'ls'\t'List your open sessions in this account and region'
        case 'ssmx sessions end'
            set options \
                '--left-over'\t'Those whose ssmx died' \
                '--all'\t'All of yours, whatever opened them'
            set arguments 'any...'
        case 'ssmx sessions ls'
        case 'ssmx config'
            set commands \
                'get'\t'Print the value of NAME alone: a setting, aliases.NAME, or targets.NAME.KEY' \
                'path'\t'Print where your config.toml and the nearest ssmx.toml are, or would be' \
                'set'\t'Set NAME in your config.toml: a setting, aliases.NAME, or targets.NAME.KEY' \
                'show'\t'Print every setting, alias and named target, and who says so' \
                'trust'\t'Trust FILE as it is now, and print what it may do; without FILE the nearest ssmx.toml from here upwards' \
                'unset'\t'Take NAME out of your config.toml; targets.NAME is all of a named target' \
                'untrust'\t'Trust FILE no more; without FILE the nearest ssmx.toml from here upwards' \
                'validate'\t'Say what is wrong with FILE, or with both files; exit 78 where anything is'
        case 'ssmx config get'
            set arguments 'any'
        case 'ssmx config path'
        case 'ssmx config set'
            set options \
                '--project'\t'In the nearest ssmx.toml, and not in your config.toml'
            set arguments 'any' 'any'
        case 'ssmx config show'
        case 'ssmx config trust'
            set arguments 'file'
        case 'ssmx config unset'
            set options \
                '--project'\t'In the nearest ssmx.toml, and not in your config.toml'
            set arguments 'any'
        case 'ssmx config untrust'
            set arguments 'file'
        case 'ssmx config validate'
            set arguments 'any'
        case 'ssmx plugin'
            set commands \
                'shim'\t'Write an executable named session-manager-plugin that is ssmx, and print where it is' \
                'status'\t'Tell which plugin is installed, whether it is any good, and what ssmx uses it for'
        case 'ssmx plugin shim'
            set options \
                '--dir'\t'Folder to write it to, instead of ~/.local/bin' \
                '--remove'\t'Take it away again'
            set takes '--dir:file'
        case 'ssmx plugin status'
        case 'ssmx sandbox'
            set commands \
                'down'\t'End the sandbox and every session in it' \
                'env'\t'Print shell lines that point other AWS tools at it' \
                'status'\t'Tell whether the sandbox runs; exit 1 where it does not' \
                'up'\t'Start the sandbox, unless it runs'
        case 'ssmx sandbox down'
        case 'ssmx sandbox env'
        case 'ssmx sandbox status'
        case 'ssmx sandbox up'
            set options \
                '--idle-minutes'\t'End after so long without use'
            set takes '--idle-minutes:any'
        case 'ssmx completion'
            set commands \
                'install'\t'Write the completion script of SHELL, or of yours, where that shell loads it' \
                'show'\t'Print the completion script of SHELL; `ssmx completion install` puts it where it belongs' \
                'uninstall'\t'Remove what `ssmx completion install` has written'
        case 'ssmx completion install'
            set arguments '=bash,zsh,fish'
        case 'ssmx completion show'
            set arguments '=bash,zsh,fish'
        case 'ssmx completion uninstall'
            set arguments '=bash,zsh,fish'
    end
end

set -g _ssmx_shared_options \
    '-p'\t'AWS profile' \
    '--profile'\t'AWS profile' \
    '-r'\t'AWS region' \
    '--region'\t'AWS region' \
    '-o'\t'Answer as table, json, tsv, csv or name' \
    '--output'\t'Answer as table, json, tsv, csv or name' \
    '--no-input'\t'Never ask' \
    '-v'\t'Say what is asked of AWS' \
    '--verbose'\t'Say what is asked of AWS' \
    '-q'\t'Say nothing but errors' \
    '--quiet'\t'Say nothing but errors' \
    '--sandbox'\t'Use an AWS on this machine' \
    '-h'\t'Show this message and exit' \
    '--help'\t'Show this message and exit'
set -g _ssmx_shared_takes '-p:profile' '--profile:profile' '-r:region' '--region:region' '-o:=table,json,tsv,csv,name' '--output:=table,json,tsv,csv,name'
set -g _ssmx_regions 'af-south-1' 'ap-east-1' 'ap-east-2' 'ap-northeast-1' 'ap-northeast-2' 'ap-northeast-3' 'ap-south-1' 'ap-south-2' 'ap-southeast-1' 'ap-southeast-2' 'ap-southeast-3' 'ap-southeast-4' 'ap-southeast-5' 'ap-southeast-6' 'ap-southeast-7' 'ca-central-1' 'ca-west-1' 'eu-central-1' 'eu-central-2' 'eu-north-1' 'eu-south-1' 'eu-south-2' 'eu-west-1' 'eu-west-2' 'eu-west-3' 'il-central-1' 'me-central-1' 'me-south-1' 'mx-central-1' 'sa-east-1' 'us-east-1' 'us-east-2' 'us-west-1' 'us-west-2' 'cn-north-1' 'cn-northwest-1' 'us-gov-east-1' 'us-gov-west-1'
set -g _ssmx_documents 'AWS-StartInteractiveCommand' 'AWS-StartNonInteractiveCommand' 'AWS-StartPortForwardingSession' 'AWS-StartPortForwardingSessionToRemoteHost' 'AWS-StartSSHSession'
set -g _ssmx_services 'rds' 'rds-proxy' 'docdb' 'neptune' 'elasticache' 'memorydb' 'redshift' 'redshift-serverless' 'opensearch' 'msk' 'mq' 'eks' 'alb' 'nlb' 'host'

complete -c ssmx -f -a '(_ssmx 2>/dev/null)'
