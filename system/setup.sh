#!/bin/sh
# Installs what Gatehouse needs and is not there yet: Debian packages and npm modules. Quick and silent when nothing is
# missing. "npm start" calls it for running the box, "npm test" with --test for the tools of the tests as well.
set -eu
cd "$(dirname "$0")/.."

mode=run
[ "${1:-}" = "--test" ] && mode=test

packages="
  libgstreamer1.0-dev libgstreamer-plugins-base1.0-dev
  gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly
  gstreamer1.0-libav gstreamer1.0-tools gstreamer1.0-rtsp
  libgstrtspserver-1.0-0 gir1.2-gst-rtsp-server-1.0 python3-gi
  build-essential pkg-config python3"
# A real browser with fonts for both languages, an encoder that gives the same bytes for the same frames, an MQTT broker
# with its clients, and what people open exports with.
[ "$mode" = test ] && packages="$packages
  chromium fonts-noto-cjk ffmpeg mosquitto mosquitto-clients 7zip"

missing=""
for package in $packages; do
  case "$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)" in
    *" installed") ;;
    *) missing="$missing $package" ;;
  esac
done

if [ -n "$missing" ]; then
  if [ "$(id -u)" != 0 ]; then
    echo "Gatehouse needs Debian packages that are not installed. Run this once, then try again:" >&2
    echo "  sudo apt-get update && sudo apt-get install --no-install-recommends -y$missing" >&2
    exit 1
  fi
  echo "Installing Debian packages:$missing"
  export DEBIAN_FRONTEND=noninteractive
  log=$(mktemp)
  # shellcheck disable=SC2086
  if ! { apt-get update && apt-get install --no-install-recommends -y $missing; } >"$log" 2>&1; then
    cat "$log" >&2
    echo "The Debian packages could not be installed; the lines above say why." >&2
    exit 1
  fi
  rm -f "$log"
fi

# node_modules knows which lock file and which mode it was made for; one made for the tests serves both.
# The CPU library of onnxruntime is in its package; its install step would fetch a CUDA build.
export ONNXRUNTIME_NODE_INSTALL=skip
# It also brings those of all other systems, more than all the rest of the box.
drop_foreign_libraries() {
  own=$(node -p '`${process.platform}/${process.arch}`')
  for library in node_modules/onnxruntime-node/bin/*/*/*; do
    case "$library" in
      */"$own") ;;
      *) rm -rf "$library" ;;
    esac
  done
}
install_modules() (
  cd "$1"
  lock=$(sha256sum package-lock.json | cut -d ' ' -f 1)
  done_for=$(cat node_modules/.gatehouse 2>/dev/null || true)
  if [ "$done_for" != "$lock test" ] && [ "$done_for" != "$lock $mode" ]; then
    echo "Installing npm modules${2:-}"
    omit=""
    [ "$mode" = run ] && omit="--omit=dev"
    # shellcheck disable=SC2086
    npm ci $omit --no-audit --no-fund --loglevel=error
    drop_foreign_libraries
    echo "$lock $mode" >node_modules/.gatehouse
  fi
)

install_modules .
# The Node of the tests' LTS lane: among the other modules its command would stand in for the "node" of npm scripts.
if [ "$mode" = test ]; then install_modules tests/node-lts " of the Node LTS lane"; fi
