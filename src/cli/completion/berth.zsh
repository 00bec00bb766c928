#compdef berth
# berth completion zsh > ~/.zfunc/_berth
_berth() {
  local -a found
  found=(${(f)"$(berth complete $((CURRENT - 1)) "${words[@]}" 2>/dev/null)"})
  if (( $#found )); then compadd -a found; else _files; fi
}
if [ "$funcstack[1]" = "_berth" ]; then _berth "$@"; else compdef _berth berth; fi
