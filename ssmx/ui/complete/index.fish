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
