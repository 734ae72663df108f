# Completion of mailmirrord in bash. Options are asked of the program itself.

_mailmirrord() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} words=()
  COMPREPLY=()
  case $previous in
    --log-level) words=(error warn info debug trace) ;;
    --import) words=(mbsync offlineimap) ;;
    --config) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
    *)
      if [[ $current == -* ]]; then
        mapfile -t words < <("${COMP_WORDS[0]}" --help 2>/dev/null | grep -o -- '--[a-z][a-z-]*' | sort -u)
      else
        mapfile -t COMPREPLY < <(compgen -f -- "$current"); return
      fi
      ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "${words[*]}" -- "$current")
}

complete -F _mailmirrord mailmirrord
