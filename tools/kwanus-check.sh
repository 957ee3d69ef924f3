#!/usr/bin/env bash
# `kwanus check`, out of this clone: what action.yml and .pre-commit-hooks.yaml run. The first run installs and builds.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
if [ ! -e "$root/dist/kwanus.js" ]; then
  (cd "$root" && npm ci --no-fund --no-audit && npm run build) >&2
fi
exec node "$root/dist/kwanus.js" check "$@"
