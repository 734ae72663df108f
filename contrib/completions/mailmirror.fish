# Completion of mailmirror in fish. Commands and options are asked of the program itself.

function __mailmirror_commands
    mailmirror --help 2>/dev/null | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z-]*\).*/\1/p'
end

function __mailmirror_options
    set -l words (commandline -opc)
    set -l command
    for word in $words[2..-1]
        if not string match -q -- '-*' $word
            set command $word
            break
        end
    end
    mailmirror $command --help 2>/dev/null | grep -o -e '--[a-z][a-z-]*' | sort -u
end

function __mailmirror_accounts
    mailmirror status --json 2>/dev/null | sed -n 's/^      "name": "\(.*\)",\{0,1\}$/\1/p'
end

complete -c mailmirror -f
complete -c mailmirror -n '__fish_use_subcommand' -a '(__mailmirror_commands)'
complete -c mailmirror -n 'string match -q -- "-*" (commandline -ct)' -a '(__mailmirror_options)'
complete -c mailmirror -n '__fish_seen_subcommand_from import; and not __fish_seen_subcommand_from mbsync offlineimap' -a 'mbsync offlineimap'
complete -c mailmirror -n '__fish_seen_subcommand_from import; and __fish_seen_subcommand_from mbsync offlineimap' -F
complete -c mailmirror -n 'not __fish_use_subcommand; and not __fish_seen_subcommand_from import' -a '(__mailmirror_accounts)'
