# Part of contrib/quickstart: the demonstration on a private Dovecot on loopback.

readonly sample_messages=300

# Runs a command as the account that Dovecot runs under: root's programs drop to nobody.
as_server() {
  if ((EUID == 0)); then
    setpriv --reuid=nobody --regid="$(id -gn nobody)" --clear-groups -- "$@"
  else
    "$@"
  fi
}

doveadm() { as_server "$doveadm_program" -c "$demo/server/dovecot.conf" "$@"; }

now_ms() { echo $(($(date +%s%N) / 1000000)); }

# A port that nobody listens at.
free_port() {
  local candidate
  while :; do
    candidate=$((20000 + RANDOM % 20000))
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$candidate") 2>/dev/null; then echo "$candidate"; return; fi
  done
}

sample_message() {
  local number=$1
  printf 'From: Ada <ada@example.org>\nTo: you@example.org\nSubject: Sample %d\nDate: Thu, 01 Jan 2026 10:%02d:%02d +0000\nMessage-ID: <%d.%d@quickstart.example>\n\nThis is sample message %d.\n' \
    "$number" $((number / 60 % 60)) $((number % 60)) "$number" "$$" "$number"
}

# Mail that has lain on the server for a while; a Maildir is the quickest way to put it there.
make_samples() {
  local folder number name store=$demo/server/mail/you
  for folder in '' .Archive '.Archive.2025' '.Entw&APw-rfe'; do mkdir -p "$store/$folder"/{new,cur,tmp}; done
  for ((number = 1; number <= sample_messages; number++)); do
    case $((number % 6)) in 0) folder=.Archive ;; 1) folder=.Archive.2025 ;; *) folder= ;; esac
    name=$((1700000000 + number)).M$number.sample:2,S
    sample_message "$number" >"$store/$folder/cur/$name"
  done
}

write_server_config() {
  local account group
  account=$(as_server id -un)
  group=$(as_server id -gn)
  cat >"$demo/server/dovecot.conf" <<END
protocols = imap
listen = 127.0.0.1
base_dir = $demo/server/run
state_dir = $demo/server/state
log_path = $demo/server/log
default_internal_user = $account
default_internal_group = $group
default_login_user = $account
first_valid_uid = 1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:$demo/server/mail/%u
mail_home = $demo/server/home/%u
mailbox_list_index = yes
passdb {
  driver = static
  args = password=demo
}
userdb {
  driver = static
  args = uid=$account gid=$group home=$demo/server/home/%u allow_all_users=yes
}
namespace inbox {
  inbox = yes
  separator = /
}
service imap-login {
  chroot =
  inet_listener imap {
    port = $server_port
  }
  inet_listener imaps {
    port = 0
  }
}
service imap-urlauth-login {
  chroot =
}
service anvil {
  chroot =
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service stats {
  chroot =
}
END
}

start_server() {
  server_port=$(free_port)
  write_server_config
  if ((EUID == 0)); then chown -R "nobody:$(id -gn nobody)" "$demo/server"; fi
  as_server "$dovecot_program" -c "$demo/server/dovecot.conf" 2>"$demo/server/start.log" ||
    die "Dovecot doesn't start: $(cat "$demo/server/start.log")"
  server_pid=$(cat "$demo/server/run/master.pid")
  wait_until 10000 server_greets || die "Dovecot doesn't answer; its log is $demo/server/log"
}

server_greets() {
  local line
  (exec 3<>"/dev/tcp/127.0.0.1/$server_port" && read -r -t 5 line <&3 && [[ $line == "* OK"* ]]) 2>/dev/null
}

# wait_until MILLISECONDS COMMAND...: true as soon as the command is.
wait_until() {
  local end=$(($(now_ms) + $1))
  shift
  until "$@"; do
    if (($(now_ms) > end)); then return 1; fi
    sleep 0.02
  done
}

# A condition, the words for it, and how long it took.
show_delay() {
  local words=$1 start
  start=$(now_ms)
  shift
  if ! wait_until 15000 "$@"; then
    tail -n 20 "$demo/mailmirrord.log" >&2
    die "this didn't happen within 15 s: $words"
  fi
  printf '  ✔ %-62s %5d ms\n' "$words" $(($(now_ms) - start))
}

mirrored_count() { find "$demo/Mail" -type f \( -path '*/cur/*' -o -path '*/new/*' \) | wc -l; }
mirror_complete() { (($(mirrored_count) >= sample_messages)); }
daemon_answers() { control status >/dev/null 2>&1; }
control() { "$mailmirror" --config "$demo/config.toml" "$@"; }

write_demo_config() {
  cat >"$demo/config.toml" <<END
[daemon]
state_dir = "$demo/state"
socket = "$demo/control.sock"

[account.demo]
host = "127.0.0.1"
port = $server_port
tls = "none"
user = "you"
password = "demo"
maildir = "$demo/Mail"
END
  chmod 600 "$demo/config.toml"
}

show_progress() {
  local count=0 shown=-1 bar
  while :; do
    count=$(mirrored_count)
    if [[ -t 1 ]]; then
      printf -v bar '%*s' $((count * 40 / sample_messages)) ''
      printf '\r  [%-40s] %d of %d messages' "${bar// /#}" "$count" "$sample_messages"
    elif ((count * 4 / sample_messages > shown)); then
      shown=$((count * 4 / sample_messages))
      echo "  $count of $sample_messages messages"
    fi
    if ((count >= sample_messages)); then break; fi
    kill -0 "$daemon_pid" 2>/dev/null || { tail -n 20 "$demo/mailmirrord.log" >&2; die "mailmirrord ended; its log is above"; }
    sleep 0.05
  done
  if [[ -t 1 ]]; then echo; fi
}

first_mirror() {
  echo
  echo "1. The first mirror: $sample_messages messages in four mailboxes"
  local start
  start=$(now_ms)
  "$mailmirrord" --config "$demo/config.toml" >"$demo/mailmirrord.log" 2>&1 &
  daemon_pid=$!
  show_progress
  show_delay "first pass finished" control sync demo --wait
  echo "  all of it took $(($(now_ms) - start)) ms"
}

arrived_here() { grep -rqs "$1" "$demo/Mail/INBOX/new" "$demo/Mail/INBOX/cur"; }
flagged_there() { doveadm fetch -u you flags mailbox INBOX header Message-ID "$1" 2>/dev/null | grep -qF '\Flagged'; }
arrived_there() { doveadm search -u you mailbox INBOX header Message-ID "$1" 2>/dev/null | grep -q .; }
gone_there() { ! arrived_there "$1"; }

go_live() {
  local file added=added-here-$$@quickstart.example delivered=delivered-$$@quickstart.example name
  echo
  echo "2. Live: a change on one side shows on the other by itself"
  printf 'Subject: Fresh mail\nMessage-ID: <%s>\n\nHello!\n' "$delivered" | doveadm save -u you -m INBOX
  show_delay "a mail delivered on the server appeared in the Maildir" arrived_here "$delivered"

  file=$(grep -rl "$delivered" "$demo/Mail/INBOX/new" "$demo/Mail/INBOX/cur")
  name=$(basename "$file")
  mv "$file" "$demo/Mail/INBOX/cur/${name%%:2,*}:2,FS"
  show_delay "a flag set here appeared on the server" flagged_there "$delivered"

  printf 'Subject: From this side\nMessage-ID: <%s>\n\nWritten here.\n' "$added" >"$demo/Mail/INBOX/tmp/added"
  mv "$demo/Mail/INBOX/tmp/added" "$demo/Mail/INBOX/cur/$(date +%s).quickstart:2,S"
  show_delay "a message added here appeared on the server" arrived_there "$added"

  rm "$demo/Mail/INBOX/cur/${name%%:2,*}:2,FS"
  show_delay "a message removed here was removed on the server" gone_there "$delivered"
}

stop_daemon() {
  echo
  echo "3. Status, and a clean stop"
  control status | sed 's/^/  /'
  control stop >/dev/null
  local code=0
  wait "$daemon_pid" || code=$?
  daemon_pid=
  ((code == 0)) || die "mailmirrord ended with status $code; its log is $demo/mailmirrord.log"
  echo "  mailmirrord has stopped."
}

clean_up() {
  if [[ -n ${daemon_pid:-} ]]; then kill "$daemon_pid" 2>/dev/null || true; wait "$daemon_pid" 2>/dev/null || true; fi
  if [[ -n ${server_pid:-} ]]; then kill "$server_pid" 2>/dev/null || true; fi
}

run_demo() {
  # Administrators' programs aren't on every user's path.
  PATH=$PATH:/usr/sbin:/sbin
  dovecot_program=$(command -v dovecot) || die "there is no Dovecot; contrib/install-packages --server installs it"
  doveadm_program=$(command -v doveadm) || die "there is no doveadm; contrib/install-packages --server installs it"
  demo=$(mktemp -d /tmp/mailmirror-demo.XXXXXX)
  chmod 755 "$demo"
  daemon_pid='' server_pid=''
  trap clean_up EXIT
  trap 'exit 130' INT TERM
  mkdir -p "$demo"/server/{run,state,mail,home} "$demo/Mail"
  make_samples
  start_server
  write_demo_config
  first_mirror
  go_live
  stop_daemon
  echo
  echo "Where everything lies:"
  echo "  the mirrored mail   $demo/Mail"
  echo "  the configuration   $demo/config.toml"
  echo "  the state           $demo/state"
  echo "  the daemon's log    $demo/mailmirrord.log"
  echo "  the server          $demo/server"
  echo "  the programs        $root/build/release/{daemon/mailmirrord,cli/mailmirror}"
  echo "Remove $demo when you have seen enough. For an account of yours: contrib/quickstart --account you@example.org"
}
