#!/usr/bin/env bash
# Runs a finetide command as a container of ../../../docker/Dockerfile does under Kubernetes' "restricted" standard, where
# there is no container engine: uid 10001 without a name, a home, capabilities, and a root that can be written.
#   hardened.sh APP WORK COMMAND...   APP: a folder with deploy-*.jar and lib/; WORK: seen and writable as /mnt/work
#   hardened.sh --check               whether this machine allows it; says why not
set -euo pipefail

if [ "$1" = --check ]; then
  exec unshare --mount --propagation private setpriv --reuid 10001 --regid 10001 --clear-groups true
fi

JAVA=${JAVA_HOME:+$JAVA_HOME/bin/}java
export JAVA
exec unshare --mount --propagation private bash -euo pipefail -c '
  app=$1 work=$2
  shift 2
  mount -t tmpfs -o mode=755 tmpfs /mnt
  mkdir /mnt/app /mnt/work
  mount --bind "$app" /mnt/app
  mount -o remount,bind,ro /mnt/app
  mount --bind "$work" /mnt/work
  mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs /tmp # as an emptyDir
  mount -o remount,bind,ro /
  cd /
  exec env -i PATH="$PATH" LANG=C.UTF-8 LC_ALL=C.UTF-8 OPT_OUT_TRACKING=true DJL_CACHE_DIR=/mnt/work/cache/djl \
    MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=8589934592 MALLOC_TRIM_THRESHOLD_=17179869184 MALLOC_TOP_PAD_=268435456 \
    setpriv --reuid 10001 --regid 10001 --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all \
    "$JAVA" -Xmx512m -Dai.djl.offline=true -cp "/mnt/app/*:/mnt/app/lib/*" io.github.finetide.deploy.FinetideMain "$@"
' hardened "$@"
