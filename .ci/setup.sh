# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What ./demo and ./check share: finding and installing Debian packages, and
# the build. To be sourced by bash.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
log_folder=$top/build-log
mkdir -p "$log_folder"

# The packages of the named groups, one per line.
foyer_packages ()
{
  local group name wanted=" $* "

  while read -r group name; do
    case "$group" in
      '' | '#'*) continue ;;
    esac
    [[ "$wanted" == *" $group "* ]] && echo "$name"
  done < "$top/.ci/packages"
}

# Of the packages on standard input, those that are not installed.
foyer_missing ()
{
  local name

  while read -r name; do
    dpkg-query -W -f '${db:Status-Status}\n' "$name" 2>/dev/null |
      grep -qx installed || echo "$name"
  done
}

# Sets the array foyer_root to what makes a command run as root.
foyer_find_root ()
{
  foyer_root=()
  [ "$(id -u)" = 0 ] && return 0
  command -v sudo >/dev/null || return 1
  foyer_root=(sudo)
  # Without a terminal nobody can type a password.
  [ -t 0 ] || sudo -n true 2>/dev/null
}

# Installs what is missing of the named groups, or says what to do.
foyer_ensure_packages ()
{
  local missing foyer_root

  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "This is no Debian: please see to what .ci/packages names." >&2
    return 0
  fi
  mapfile -t missing < <(foyer_packages "$@" | foyer_missing)
  [ "${#missing[@]}" = 0 ] && return 0
  if ! foyer_find_root; then
    {
      echo "These Debian packages are missing, and only root can install them:"
      echo "  ${missing[*]}"
      echo "Run this again as root or with sudo, or first run:"
      echo "  apt-get install --no-install-recommends ${missing[*]}"
    } >&2
    return 1
  fi
  echo "Installing Debian packages: ${missing[*]}"
  # Another apt may be at work, as after a boot.
  "${foyer_root[@]}" apt-get -qq -o DPkg::Lock::Timeout=300 update &&
    "${foyer_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq install \
      -o DPkg::Lock::Timeout=300 \
      --yes --no-install-recommends "${missing[@]}" \
      >"$log_folder/apt.log" 2>&1 &&
    return 0
  echo "apt-get failed; its last words:" >&2
  tail -n 20 "$log_folder/apt.log" >&2
  return 1
}

# foyer_fetch_players FOLDER: what tests/players/package-lock.json names, by npm,
# unless it is there already.
foyer_fetch_players ()
{
  local folder=$1 from=$top/tests/players

  if cmp -s "$from/package-lock.json" "$folder/package-lock.json" &&
    [ -f "$folder/complete" ]; then
    return 0
  fi
  rm -rf "$folder"
  mkdir -p "$folder"
  cp "$from/package.json" "$from/package-lock.json" "$folder"
  if ! npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund; then
    rm -f "$folder/package-lock.json"
    echo "error: npm could not fetch the players that others wrote." >&2
    echo "error: It needs its package registry, once for each build folder." >&2
    return 1
  fi
  touch "$folder/complete"
}

# foyer_build FOLDER TARGETS [MESON OPTION...]: sets a build folder up, once, and
# builds in it: all, or the TARGETS named.
foyer_build ()
{
  local folder=$1 targets

  read -r -a targets <<< "$2"
  shift 2
  if [ ! -f "$folder/build.ninja" ]; then
    meson setup "$folder" "$top" "$@" || return 1
  fi
  ninja -C "$folder" "${targets[@]}"
}
