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

@index@

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
@places@
    end
end

@words@

complete -c ssmx -f -a '(_ssmx 2>/dev/null)'
