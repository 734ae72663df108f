# Part of contrib/quickstart: an account of the user's, for real.

# ask VARIABLE QUESTION DEFAULT: leaves the variable alone if it's set; takes the default where nobody can answer.
ask() {
  local variable=$1 question=$2 default=$3 answer=''
  if [[ -n ${!variable} ]]; then return; fi
  if [[ -t 0 ]]; then
    read -r -p "$question${default:+ [$default]}: " answer || die "no answer"
  fi
  answer=${answer:-$default}
  [[ -n $answer ]] || die "needed: --${variable//_/-} ($question)"
  printf -v "$variable" '%s' "$answer"
}

toml_string() {
  local text=$1
  [[ $text != *[$'\n\r']* ]] || die "a value may not span lines: $text"
  text=${text//\\/\\\\}
  printf '"%s"' "${text//\"/\\\"}"
}

account_text() {
  cat <<END
# Written by contrib/quickstart. The manual tells of every key; mailmirrord --check finds mistakes.
[account.$name]
host = $(toml_string "$host")
user = $(toml_string "$user")
password_command = $(toml_string "$password_command")
maildir = $(toml_string "$maildir")
tls = "$tls"
END
  if [[ -n $port ]]; then echo "port = $port"; fi
}

# Writes the file as a whole, readable by its owner alone.
write_config() {
  local folder temporary
  folder=$(dirname "$config")
  mkdir -p "$folder"
  temporary=$(mktemp "$folder/.config.XXXXXX")
  account_text >"$temporary"
  chmod 600 "$temporary"
  mv "$temporary" "$config"
  echo "Wrote $config"
}

ask_for_settings() {
  local domain=${address#*@}
  [[ $address == ?*@?*.?* ]] || die "$address doesn't look like an address (you@example.org)"
  ask name "Name of the account" "$(tr -cd 'a-z0-9_-' <<<"${domain%%.*}")"
  [[ $name =~ ^[A-Za-z0-9_-]+$ ]] || die "an account's name is made of letters, digits, - and _"
  ask host "IMAP server" "imap.$domain"
  ask user "Login name" "$address"
  ask tls "TLS (implicit or starttls)" implicit
  [[ $tls == implicit || $tls == starttls ]] || die "--tls is implicit or starttls, not $tls"
  [[ -z $port || $port =~ ^[0-9]{1,5}$ ]] || die "--port is a number, not $port"
  ask password_command "A command that prints the password (such as: pass show mail/$name)" ''
  ask maildir "Where the mail goes" "$HOME/Mail/$name"
}

# Whether an existing file is to be used as it is. Never overwritten without a yes: where nobody can be asked, only a file that
# says the same already will do.
settle_existing_config() {
  [[ -e $config ]] || return 1
  if [[ ! -t 0 ]]; then
    ask_for_settings
    if account_text | cmp -s - "$config"; then return 0; fi
    die "$config exists already, with other settings; choose another file with --config, or move it away"
  fi
  local answer
  echo "$config exists already."
  read -r -p "[u]se it as it is, [r]eplace it (the old one is kept beside it), or [q]uit? [u] " answer || die "no answer"
  case ${answer:-u} in
    u) return 0 ;;
    r) mv "$config" "$config.$(date +%Y%m%d-%H%M%S)"; return 1 ;;
    *) exit 0 ;;
  esac
}

run_account() {
  config=${config:-${XDG_CONFIG_HOME:-$HOME/.config}/mailmirror/config.toml}
  if ! settle_existing_config; then
    ask_for_settings
    write_config
  fi
  "$mailmirrord" --config "$config" --check || die "the configuration has errors (above); please mend $config"
  echo
  echo "mailmirrord runs now, until Ctrl-C. In another terminal:"
  echo "  $mailmirror --config $config status"
  echo "  $mailmirror --config $config watch"
  echo
  exec "$mailmirrord" --config "$config"
}
