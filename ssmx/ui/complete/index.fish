# The lines of the list $argv that begin with what is typed; nothing where the list is broken. Has the index refreshed
# where that is due.
function _ssmx_listed -S
    _ssmx_scope
    set -l file $scope/$argv
    if test -z "$scope"; or not _ssmx_own $file
        _ssmx_refresh
        return
    end
    read -l header <$file
    set -l told (string match -r '^ssmx 1 (\d+) (\d+)$' -- "$header"); or return
    # Every line counts, and one whose end is missing does not.
    test (count <$file) -eq (math $told[3] + 1); or return
    # The header would be one of those that begin with ssmx, or with nothing.
    set -l pattern (_ssmx_pattern)
    if string match -q -- $pattern $header
        string match -- $pattern <$file | string match -v -- $header
    else
        string match -- $pattern <$file
    end
    set -l now (_ssmx_now $file)
    test -n "$now"; and test $now -ge $told[2]; and _ssmx_refresh
end

# What matches all that begins with what is typed.
function _ssmx_pattern -S
    echo (string replace -r -a '[*?\\\\]' '\\\\$0' -- $typed)'*'
end

# The time in seconds since 1970: when a file changed, and how long that is ago. Nothing before fish 3.5.
function _ssmx_now
    builtin -q path; or return
    math (path mtime -- $argv) + (path mtime -R -- $argv)
end

# The folder of the scope that is in use, into `scope`; nothing where it is not known. As store/pointed and
# model/pointer do it.
function _ssmx_scope -S
    set scope
    set -l index $XDG_CACHE_HOME
    string match -q '/*' -- "$index"; or set index (_ssmx_home .cache Caches)
    string match -q '/*' -- "$index"; or return
    _ssmx_look
    set -l parts "$profile" "$region" "$AWS_ACCESS_KEY_ID"
    test -n "$profile$SSMX_PROFILE"; and set parts[3] ''
    for name in SSMX_PROFILE AWS_DEFAULT_PROFILE AWS_PROFILE
        test -n "$parts[1]"; and break
        set parts[1] "$$name"
    end
    for name in SSMX_REGION AWS_REGION AWS_DEFAULT_REGION
        test -n "$parts[2]"; and break
        set parts[2] "$$name"
    end
    if test -n "$sandbox"; or string match -q -i -r '^(1|true|yes|on)$' -- "$SSMX_SANDBOX"
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
    set parts (string replace -a % %25 -- $parts | string replace -a / %2F | string replace -a , %2C)
    set -l at $index/ssmx/index/at/(string join , -- $parts)
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
    string match -q -r '^\.{0,2}$|/' -- "$name"; or set scope $index/ssmx/index/scopes/$name
end

# A folder of the home: as others have it, or as macOS does; nothing without a home.
function _ssmx_home
    if test -z "$HOME"
        return
    else if test -d /System/Library/CoreServices
        echo $HOME/Library/$argv[2]
    else
        echo $HOME/$argv[1]
    end
end

# Where ssmx's own file would be, into `config`, and the nearest ssmx.toml from here upwards, into `project`; once.
function _ssmx_look -S
    set -q looked[1]; and return
    set looked 1
    set config $XDG_CONFIG_HOME
    string match -q '/*' -- "$config"; or set config (_ssmx_home .config 'Application Support')
    test -n "$config"; and set config $config/ssmx/config.toml
    set -l folder $PWD
    while string match -q '/*' -- $folder
        set -l file (string trim -r -c / -- $folder)/ssmx.toml
        if test -e $file; or test -L $file
            set project $file
            return
        end
        test $folder = / -o $folder = "$HOME"; and return
        set folder (string replace -r '/[^/]*$' '' -- $folder)
        test -n "$folder"; or set folder /
    end
end

# Is it a file of the user's own, and no link?
function _ssmx_own
    test -f $argv -a -O $argv -a ! -L $argv -a -r $argv
end
