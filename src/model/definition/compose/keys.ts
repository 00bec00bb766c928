/** What becomes of the keys that Berth does not use: silent, named in a warning with its reason, or refused. */
export type Fate = { readonly says: string; readonly refuses?: true } | 'silent'

const unused = (names: string, says = ''): [string, Fate][] => names.split(' ').map((name) => [name, { says }])
const refused = (names: string, says: string): [string, Fate][] =>
  names.split(' ').map((name) => [name, { says, refuses: true }])
const silent = (names: string): [string, Fate][] => names.split(' ').map((name) => [name, 'silent'])
const table = (...rows: [string, Fate][][]): ReadonlyMap<string, Fate> => new Map(rows.flat())

const files = 'no other file of compose is read; put it into this one'
const disk = "an app's disk is new with every release; keep data elsewhere"
const network = 'every app has a network of its own, and only the router reaches it'
const rights = 'no app gets more rights than the others'
const variables = 'give it as a variable: berth env set'
const logs = 'berth logs has what it prints'

/** What a service may have besides what `service.ts` reads. */
export const serviceKeys = table(
  refused('extends', files),
  refused('use_api_socket', "no app may reach the machine's Docker"),
  refused('provider', 'it asks for a program of the machine'),
  silent('init pull_policy'),
  unused('volumes volumes_from tmpfs storage_opt', disk),
  unused(
    'networks network_mode links external_links dns dns_opt dns_search domainname extra_hosts hostname container_name',
    network,
  ),
  unused('mac_address', network),
  unused('privileged cap_add devices device_cgroup_rules group_add security_opt userns_mode', rights),
  unused('cgroup cgroup_parent sysctls pid ipc uts oom_kill_disable oom_score_adj gpus runtime', rights),
  unused('secrets configs credential_spec', variables),
  unused('logging attach', logs),
  unused('working_dir user', "the image's own counts; say it in the Dockerfile"),
  unused('depends_on', 'all processes start together'),
  unused('develop post_start pre_stop models', 'it is for development'),
  unused('annotations blkio_config cap_drop cpu_count cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime'),
  unused('cpu_shares cpuset isolation label_file labels mem_reservation mem_swappiness memswap_limit pids_limit'),
  unused('platform read_only shm_size stdin_open stop_signal tty ulimits'),
)

export const buildKeys = table(
  refused('additional_contexts', 'a build sees the repository, and nothing else'),
  refused('entitlements privileged', rights),
  unused('secrets ssh', 'build-time variables are: berth env set'),
  unused('network extra_hosts', network),
  unused('cache_from cache_to isolation labels no_cache platforms provenance pull sbom shm_size tags ulimits'),
)

export const deployKeys = table(
  unused('update_config rollback_config', 'a release replaces another one without downtime, and goes back if it must'),
  unused('endpoint_mode'),
  unused('restart_policy', 'what ends is started again'),
  unused('labels mode placement'),
)

export const rootKeys = table(
  refused('include', files),
  silent('version name'),
  unused('volumes', disk),
  unused('networks', network),
  unused('secrets configs', variables),
  unused('models'),
)
