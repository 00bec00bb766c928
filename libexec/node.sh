# Sourced: where a Node that can run Berth is. The one that Berth installed comes first; the machine's own is not touched.
node_dir=${BERTH_NODE_DIR:-/opt/berth/node}

a_node() {
  for node in "$node_dir/bin/node" "$(command -v node)" /usr/local/bin/node; do
    case $("$node" --version 2>/dev/null) in v2[4-9].* | v[3-9][0-9].*) echo "$node" && return ;; esac
  done
  return 1
}
