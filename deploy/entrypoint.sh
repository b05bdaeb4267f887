#!/bin/sh
# First process of the container: passes SIGTERM and SIGINT on to the command. The kernel drops a signal to a first process
# that does not handle it yet, and Node.js takes about 0.1 s until it does.
child=
signalled=
trap 'signalled=TERM; [ -z "$child" ] || kill -TERM "$child" 2>/dev/null' TERM
trap 'signalled=INT; [ -z "$child" ] || kill -INT "$child" 2>/dev/null' INT
"$@" &
child=$!
# A signal that came before there was a command.
[ -z "$signalled" ] || kill -s "$signalled" "$child"
# A signal ends the wait, not the command.
while
  wait "$child"
  status=$?
  kill -0 "$child" 2>/dev/null
do :; done
exit "$status"
