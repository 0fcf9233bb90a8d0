# Runs a private pcscd. It is the first process of its own mount and process
# namespaces: whatever happens to it, the kernel ends all that it started.
#   $1 the folder for the daemon's socket, $2 its configuration, $3 its log,
#   $4 the link to $1 that clients use
# It obeys words on standard input and answers each with a line. The end of
# its input is the end of the process that started it, however that came about.
set -e
mount --make-rprivate /
mount -t tmpfs none /run # no system bus either, so nobody asks polkit
mkdir /run/pcscd
mount --bind "$1" /run/pcscd
cp -L /usr/lib/pcsc/drivers/serial/libifdvpcd.so "$1"
mount -t tmpfs none /usr/lib/pcsc/drivers # leaves the machine's own readers alone
echo ready
set +e
daemon=
end() {
	[ -n "$daemon" ] || return
	kill -KILL "$daemon"
	wait "$daemon"
	daemon=
	rm -f /run/pcscd/pcscd.comm /run/pcscd/pcscd.pid
}
while read -r word; do
	case $word in
	start)
		end
		/usr/sbin/pcscd --foreground --error --config "$2" >>"$3" 2>&1 </dev/null &
		daemon=$!
		echo started
		;;
	kill)
		end
		echo killed
		;;
	esac
done 2>/dev/null
[ "$(readlink "$4")" != "$1" ] || rm -f "$4"
