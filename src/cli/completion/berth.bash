# berth completion bash > /etc/bash_completion.d/berth
_berth() {
  local IFS=$'\n'
  COMPREPLY=($(berth complete "$COMP_CWORD" "${COMP_WORDS[@]}" 2>/dev/null))
}
complete -o default -F _berth berth
