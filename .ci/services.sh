# What specs ask for by an environment variable: found running, or started below $work and stopped at the end.

services=()

wants() { grep -rqs --include='*.ts' "$1" test libs/*/src bench; }
answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
free_port() {
  node -e "const s=require('node:net').createServer().listen(0,'127.0.0.1',()=>{console.log(s.address().port);s.close()})"
}
as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi; }
install_package() {
  echo "        installing $1"
  as_root env DEBIAN_FRONTEND=noninteractive timeout 300 apt-get -qq update >"$work/apt.log" 2>&1
  as_root env DEBIAN_FRONTEND=noninteractive timeout 600 apt-get -qq install -y --no-install-recommends "$1" \
    >>"$work/apt.log" 2>&1
}
# wait_for SECONDS COMMAND...
wait_for() {
  local until=$((SECONDS + $1))
  shift
  while ! "$@"; do
    [ "$SECONDS" -lt "$until" ] || return 1
    sleep 0.2
  done
}

trusts_postgres() {
  timeout 10 node --input-type=module -e '
    import pg from "pg";
    const client = new pg.Client({ connectionString: process.argv[1], connectionTimeoutMillis: 5000 });
    await client.connect();
    await client.end();' "$1" 2>/dev/null
}

postgres_folder() {
  local found
  found=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
  [ -n "$found" ] || found=$(dirname "$(command -v initdb 2>/dev/null)" 2>/dev/null)
  [ -x "$found/initdb" ] && echo "$found"
}

# A cluster of our own: nobody else's databases, nothing left behind, no waiting for the disk.
start_postgres() {
  local bin port data="$work/postgres" as=()
  bin=$(postgres_folder) || { install_package postgresql && bin=$(postgres_folder); } || return 1
  port=$(free_port)
  mkdir "$data"
  if [ "$(id -u)" -eq 0 ]; then
    chown postgres "$data"
    as=(setpriv --reuid postgres --regid postgres --clear-groups)
  fi
  "${as[@]}" "$bin/initdb" -D "$data" -U postgres --auth=trust -E UTF8 >"$work/initdb.log" 2>&1 || return 1
  (cd "$data" && exec "${as[@]}" "$bin/postgres" -D "$data" -p "$port" -h 127.0.0.1 -k '' -c fsync=off \
    -c max_connections=200) >"$work/postgres.log" 2>&1 &
  services+=($!)
  export TEST_POSTGRES_URL="postgres://postgres@127.0.0.1:$port/postgres"
  wait_for 30 trusts_postgres "$TEST_POSTGRES_URL"
}

provide_postgres() {
  export TEST_POSTGRES_URL=${TEST_POSTGRES_URL:-postgres://postgres@127.0.0.1:5432/postgres}
  trusts_postgres "$TEST_POSTGRES_URL" || start_postgres
}

provide_redis() {
  local port
  export TEST_REDIS_URL=${TEST_REDIS_URL:-redis://127.0.0.1:6379}
  [ "$TEST_REDIS_URL" = redis://127.0.0.1:6379 ] && ! answers 6379 || return 0
  command -v redis-server >/dev/null || install_package redis-server || return 1
  port=$(free_port)
  redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no --dir "$work" >"$work/redis.log" 2>&1 &
  services+=($!)
  export TEST_REDIS_URL="redis://127.0.0.1:$port"
  wait_for 15 answers "$port"
}

provide_chromium() {
  export TEST_CHROMIUM=${TEST_CHROMIUM:-/usr/bin/chromium}
  [ -x "$TEST_CHROMIUM" ] || install_package chromium
  [ -x "$TEST_CHROMIUM" ]
}

# provide NAME VARIABLE: one check, and only where a spec reads the variable.
provide() {
  wants "$2" || return 0
  if "provide_$1"; then
    passed=$((passed + 1))
    printf 'ok      %s (%s)\n' "$1" "${!2}"
  else
    printf 'FAILED  %s\n' "$1"
    tail -n 20 "$work/apt.log" "$work/initdb.log" "$work/$1.log" 2>/dev/null | sed 's/^/    /'
    miss "$1 cannot be provided"
  fi
}

provide_services() {
  provide postgres TEST_POSTGRES_URL
  provide redis TEST_REDIS_URL
  provide chromium TEST_CHROMIUM
}

stop_services() {
  [ ${#services[@]} -eq 0 ] || kill "${services[@]}" 2>/dev/null
  wait "${services[@]}" 2>/dev/null
}
