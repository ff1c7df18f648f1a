#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A real sshd on 127.0.0.1 for journeys: the host "loop" of an ssh configuration in $HOME/ssh that only $HOME/ssh/ssh uses.
#   loopback.sh start   makes keys and configuration where there are none, and starts the server
#   loopback.sh stop    ends the server and every session, as a network does that goes away
set -euo pipefail
at=$HOME/ssh
make_once() {
  [ -e "$at/config" ] && return
  mkdir -p "$at"
  for key in host_key id; do ssh-keygen -q -t ed25519 -N '' -f "$at/$key"; done
  cp "$at/id.pub" "$at/authorized_keys"
  local port=$((20000 + $$ % 20000))
  while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
  cat >"$at/config" <<END
Host loop
  HostName 127.0.0.1
  Port $port
  IdentityFile $at/id
  IdentitiesOnly yes
  UserKnownHostsFile $at/known_hosts
  GlobalKnownHostsFile /dev/null
  HashKnownHosts no
END
  cat >"$at/sshd_config" <<END
Port $port
ListenAddress 127.0.0.1
HostKey $at/host_key
PidFile $at/sshd.pid
AuthorizedKeysFile $at/authorized_keys
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
MaxStartups 50
PrintMotd no
END
  echo "[127.0.0.1]:$port $(cut -d' ' -f1,2 "$at/host_key.pub")" >"$at/known_hosts"
  printf '#!/bin/sh\nexec /usr/bin/ssh -F "%s" "$@"\n' "$at/config" >"$at/ssh"
  chmod 700 "$at/ssh"
}
stop() {
  local server
  server=$(cat "$at/sshd.pid" 2>/dev/null) || return 0
  for session in $(pgrep -P "$server" || true); do
    for worker in $(pgrep -P "$session" || true); do kill -9 "$worker" 2>/dev/null || true; done
    kill -9 "$session" 2>/dev/null || true
  done
  kill "$server" 2>/dev/null || true
  rm -f "$at/sshd.pid"
}
case $1 in
  start)
    make_once
    if [ "$(id -u)" = 0 ]; then mkdir -p /run/sshd; fi
    /usr/sbin/sshd -f "$at/sshd_config" -E "$at/sshd.log"
    ;;
  stop) stop ;;
  *) exit 2 ;;
esac
