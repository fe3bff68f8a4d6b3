#!/bin/busybox sh
# The first program of the virtual machine. The kernel's command line sets phase, fs and seed.
/bin/busybox --install -s /bin
mkdir -p /proc /sys /dev /disk /tmp
mount -t proc none /proc
mount -t devtmpfs none /dev
# Several times, because modules need others.
for round in 1 2 3 4; do
  for each in /modules/*.ko; do insmod "$each" 2>/dev/null; done
done
until [ -b /dev/vda ]; do sleep 0.1; done
mount -t "$fs" /dev/vda /disk || {
  echo 'failed "the file system cannot be mounted"'
  poweroff -f
}
/usr/bin/node "/project/tests/evidence/qemu/guest.js" "$phase" "$seed"
umount /disk
poweroff -f
