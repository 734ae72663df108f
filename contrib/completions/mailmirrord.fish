# Completion of mailmirrord in fish. Options are asked of the program itself.

complete -c mailmirrord -n 'string match -q -- "-*" (commandline -ct)' -f -a '(mailmirrord --help 2>/dev/null | grep -o -e "--[a-z][a-z-]*" | sort -u)'
complete -c mailmirrord -n 'string match -q -- --log-level (commandline -opc)[-1]' -f -a 'error warn info debug trace'
complete -c mailmirrord -n 'string match -q -- --import (commandline -opc)[-1]' -f -a 'mbsync offlineimap'
