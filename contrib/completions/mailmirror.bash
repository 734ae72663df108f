# Completion of mailmirror in bash. Commands and options are asked of the program itself, so that they are those of this version.

_mailmirror_help() { "${COMP_WORDS[0]}" "$@" --help 2>/dev/null; }

_mailmirror_commands() {
  _mailmirror_help | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z-]*\).*/\1/p'
}

_mailmirror_options() {
  _mailmirror_help "$@" | grep -o -- '--[a-z][a-z-]*' | sort -u
}

# Those of a daemon that runs; nothing where none does.
_mailmirror_accounts() {
  "${COMP_WORDS[0]}" status --json 2>/dev/null | sed -n 's/^      "name": "\(.*\)",\{0,1\}$/\1/p'
}

_mailmirror() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command='' word words=()
  COMPREPLY=()
  case $previous in
    --config | --socket) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
    --since) words=(today yesterday 1h 1d); mapfile -t COMPREPLY < <(compgen -W "${words[*]}" -- "$current"); return ;;
    --pass | --mailbox | --events) return ;;
  esac
  for ((word = 1; word < COMP_CWORD; ++word)); do
    case ${COMP_WORDS[word]} in
      --config | --socket) ((++word)) ;;
      -*) ;;
      *) command=${COMP_WORDS[word]}; break ;;
    esac
  done
  if [[ $current == -* ]]; then
    mapfile -t words < <(_mailmirror_options ${command:+"$command"})
  elif [[ -z $command ]]; then
    mapfile -t words < <(_mailmirror_commands)
  elif [[ $command == import ]]; then
    if ((COMP_CWORD == word + 1)); then words=(mbsync offlineimap)
    else mapfile -t COMPREPLY < <(compgen -f -- "$current"); return
    fi
  else
    mapfile -t words < <(_mailmirror_accounts)
  fi
  mapfile -t COMPREPLY < <(compgen -W "${words[*]}" -- "$current")
}

complete -F _mailmirror mailmirror
