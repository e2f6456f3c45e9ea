# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# bash completion for foyer-display

_foyer_display ()
{
  local current previous options
  current=${COMP_WORDS[COMP_CWORD]}
  previous=${COMP_WORDS[COMP_CWORD - 1]}
  options="--headless --name --address --port --credentials --snapshot --frames"
  options+=" --sounds --refuse-video-only"
  options+=" --drop --codec --json --version --help"
  COMPREPLY=()
  case "$previous" in
    --codec)
      mapfile -t COMPREPLY < <(compgen -W "h264 vp8" -- "$current")
      return
      ;;
    --credentials)
      mapfile -t COMPREPLY < <(compgen -d -- "$current")
      return
      ;;
    --snapshot | --frames | --sounds)
      mapfile -t COMPREPLY < <(compgen -f -- "$current")
      return
      ;;
    --name | --address | --port | --drop)
      return
      ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
}
complete -F _foyer_display foyer-display
