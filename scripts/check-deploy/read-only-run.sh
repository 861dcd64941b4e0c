#!/usr/bin/env bash
# Runs a command inside an image's files as a cluster would: uid 10001, root
# read-only, /tmp and /data in memory. Call it in a mount namespace of its own:
#   unshare -m bash read-only-run.sh ROOTFS COMMAND
set -euo pipefail
rootfs=$1
view=/mnt
mount --make-rprivate /
mount --bind "$rootfs" "$view"
mount -o remount,ro,bind "$view"
mount -t tmpfs -o mode=1777 tmpfs "$view/tmp"
mount -t tmpfs -o uid=10001,gid=10001,mode=700 tmpfs "$view/data"
mount -t proc proc "$view/proc"
mount --bind /dev "$view/dev"
exec chroot --userspec=10001:10001 "$view" env -i \
  PATH=/usr/local/bin:/usr/bin:/bin NODE_ENV=production GLITCHWATCH_DATA_DIR=/data \
  sh -c "cd /app && $2"
