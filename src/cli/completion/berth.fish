# berth completion fish > ~/.config/fish/completions/berth.fish
complete -c berth -f -a '(berth complete (count (commandline -opc)) (commandline -opc) (commandline -ct) 2>/dev/null)'
complete -c berth -n '__fish_seen_subcommand_from deploy add import' -F
