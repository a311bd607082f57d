#!/bin/sh
# Installs Gatehouse as a systemd service on the ports 443 and 80, with its data in /var/lib/gatehouse.
set -eu
program=$(cd "$(dirname "$0")/.." && pwd)
if [ "$(id -u)" != 0 ]; then
  echo "Run this as root: sudo $0" >&2
  exit 1
fi
sh "$program/system/setup.sh"
sed "s|@PROGRAM@|$program|g" "$program/system/systemd/gatehouse.service" >/etc/systemd/system/gatehouse.service
systemctl daemon-reload
systemctl enable gatehouse.service
# Also one that runs already: after an update it would go on with the old program and begin others with the new one.
systemctl restart gatehouse.service
echo "Gatehouse runs. The generated password of admin, shown once:  journalctl -u gatehouse | grep -A3 password"
