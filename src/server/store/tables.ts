import type { Generated } from 'kysely'
import type { BuildState } from '../../model/build.ts'
import type { DeliveryOutcome, HookProvider } from '../../model/hook.ts'
import type { Health, InstanceState } from '../../model/instance.ts'
import type { OperationKind, OperationState, Phase } from '../../model/operation.ts'
import type { ReleaseState } from '../../model/release.ts'
import type { RepositoryKind } from '../../model/repository.ts'
import type { UpgradedState } from '../../model/upgrade.ts'
import type { Scope } from '../../model/variables.ts'

/** Instants are ISO 8601 text, flags 0 or 1, structures JSON text: the same in SQLite and PostgreSQL. */
type Instant = string
type Flag = 0 | 1
type Json = string

export type Tables = {
  settings: { name: string; value: string }
  users: {
    id: string
    name: string
    role: 'admin' | 'member'
    password_hash: string
    disabled: Flag
    created_at: Instant
  }
  teams: { id: string; name: string; created_at: Instant }
  /** What an operator has set for a team's builds; null is what the settings say. */
  team_limits: {
    team_id: string
    builds: number | null
    memory_mb: number | null
    cpu: number | null
    pids: number | null
    io_mb: number | null
    seconds: number | null
  }
  members: { team_id: string; user_id: string; role: 'admin' | 'member' }
  tokens: {
    id: string
    user_id: string
    name: string
    hash: string
    created_at: Instant
    last_used_at: Instant | null
    expires_at: Instant | null
  }
  keys: { id: string; user_id: string; name: string; fingerprint: string; public_key: string; created_at: Instant }
  apps: {
    id: string
    name: string
    team_id: string
    deploy_branch: string | null
    created_at: Instant
    destroying: Flag
    /** The folder of a repository that is built; empty for all of it. */
    folder: Generated<string>
    /** Patterns of the paths whose change deploys; none for all. */
    watch: Generated<Json>
    /** Of uPaaS, sealed: people write passwords into it. */
    metadata: string | null
    /** What its builds start from; nothing where the repository or the operator's default says it. */
    stack: Generated<string | null>
    /** Of a preview: the app that it is one of, which may be gone. */
    parent_id: string | null
  }
  env: { app_id: string; name: string; value: string; scope: Scope; updated_at: Instant }
  /** Variables whose values are never read out; kept when a variable is unset, for a rollback may bring it back. */
  secret_names: { app_id: string; name: string }
  scales: { app_id: string; process: string; count: number; memory_mb: number; cpu: number }
  domains: { name: string; app_id: string; created_at: Instant }
  releases: {
    id: string
    app_id: string
    number: number
    state: ReleaseState
    image: string
    formation: Json
    /** What its containers see. */
    env: string
    /** Names of those of them that builds see too. */
    both_names: Json
    commit_id: string | null
    reason: string
    author: string
    operation_id: string
    created_at: Instant
    /** The build that its image came from, where there was one. */
    build_number: number | null
  }
  builds: {
    seq: Generated<number>
    id: string
    app_id: string
    team_id: string
    number: number
    operation_id: string
    state: BuildState
    source: Json
    revision: string | null
    /** Of the commit, or who uploaded. */
    author: string
    /** Who asked for it. */
    requester: string
    message: string
    /** Subjects of the commits since the build before. */
    changelog: Json
    recipe: string | null
    /** Id of the image that it was made on. */
    stack: string | null
    /** What that image was called. */
    stack_name: Generated<string | null>
    image: string | null
    image_bytes: number | null
    /** All that a release needs of it, sealed: generated values are secret. */
    built: string | null
    steps: Json
    attempts: number
    lease_owner: string | null
    lease_until: Instant | null
    error_code: string | null
    error_message: string | null
    pinned: Flag
    /** Its image is still there to be released again. */
    kept: Flag
    created_at: Instant
    started_at: Instant | null
    finished_at: Instant | null
  }
  /** Images that are, or may be, in a storage besides the Engine. They outlive builds and apps until they are out of it. */
  packages: {
    build_id: string
    app: string
    number: number
    image: string
    /** The storage, in words: after a change of the settings it may be another one. */
    place: string
    /** What it is called there; several builds of one image share it. */
    reference: string
    /** What the storage says that it holds. */
    digest: string | null
    /** What a put under way has begun there and not ended. */
    mark: string | null
    state: 'storing' | 'stored' | 'removing'
    bytes: number | null
    failures: number
    error: string | null
    /** Not tried before. */
    next_at: Instant
    created_at: Instant
    stored_at: Instant | null
  }
  /** How the making of a stack goes; what images there are, the Engine says. */
  stacks: {
    name: string
    /** Who asked for it to be made, and has not got it yet. */
    wanted_by: string | null
    /** Where the last making is told, like the log of an operation. */
    log: string | null
    failures: number
    error: string | null
    /** Not tried again before. */
    next_at: Instant | null
    began_at: Instant | null
    /** Nothing while it is being made. */
    finished_at: Instant | null
  }
  upgrades: {
    id: string
    /** Nothing for all. */
    stack: string | null
    author: string
    state: 'running' | 'done' | 'cancelled'
    cancel_by: string | null
    created_at: Instant
    finished_at: Instant | null
  }
  upgraded_apps: {
    upgrade_id: string
    position: number
    app_id: string
    app: string
    state: UpgradedState
    operation_id: string | null
    reason: string | null
  }
  sets: {
    id: string
    app_id: string
    release_number: number
    process: string
    count: number
    memory_mb: number
    cpu: number
    service: string
    role: SetRole
    operation_id: string
    created_at: Instant
    draining_since: Instant | null
    /** Why it could not be made a service, or nothing. */
    note: string
  }
  instances: {
    id: string
    node: string
    set_id: string
    app: string
    process: string
    release: number
    state: InstanceState
    health: Health
    address: string | null
    exit_code: number | null
    oom_killed: Flag
    note: string
    started_at: Instant | null
    finished_at: Instant | null
  }
  routers: { node: string; revision: number; routed: Json; busy: Json; seen_at: Instant }
  operations: {
    seq: Generated<number>
    id: string
    kind: OperationKind
    app_id: string | null
    app: string
    team_id: string
    state: OperationState
    phase: Phase
    input: Json
    author: string
    release_number: number | null
    error_code: string | null
    error_message: string | null
    cancel_by: string | null
    steps: Json
    created_at: Instant
    started_at: Instant | null
    finished_at: Instant | null
  }
  sources: {
    app_id: string
    kind: RepositoryKind
    /** Without a password. */
    url: string
    /** The password of the URL's user, sealed. */
    secret: string | null
    /** Nothing for the branch that the repository names its own. */
    ref: string | null
    poll_seconds: number | null
    /** The newest revision that was looked at. */
    revision: string | null
    checked_at: Instant | null
    next_check_at: Instant | null
    failures: number
    error: string | null
    /** How many in a row have found nothing new. */
    quiet_looks: Generated<number>
    created_at: Instant
  }
  deploy_keys: { app_id: string; public_key: string; private_key: string }
  hooks: {
    id: string
    app_id: string
    team_id: string
    provider: HookProvider
    secret: string
    token: string | null
    api_url: string | null
    author: string
    created_at: Instant
  }
  deliveries: {
    seq: Generated<number>
    hook_id: string
    /** What the provider calls it. */
    delivery: string
    /** Of its body. */
    digest: string
    event: string
    ref: string | null
    commit_id: string | null
    outcome: DeliveryOutcome
    reason: string
    at: Instant
  }
  /** What a provider is told of an operation; `sent` is the state that it was told last. */
  commit_reports: {
    operation_id: string
    hook_id: string
    project: string
    commit_id: string
    sent: string
    failures: number
    next_at: Instant
  }
  registries: {
    id: string
    team_id: string
    app_id: string | null
    server: string
    username: string
    password: string
    created_at: Instant
  }
  uploads: { id: string; app_id: string; user_id: string; size: number; type: string; created_at: Instant }
  pipelines: { id: string; name: string; team_id: string; created_at: Instant }
  stages: { pipeline_id: string; name: string; position: number }
  staged_apps: { app_id: string; pipeline_id: string; stage: string }
  /** For which pushes and pull requests an app gets previews, and how many for how long. */
  preview_rules: {
    app_id: string
    /** Patterns of branches. */
    branches: Json
    pulls: Flag
    /** How long one stays after its last deploy; null for as long as it is wanted. */
    idle_seconds: number | null
    most: number
    /** Whether previews get the app's secrets too. */
    secrets: Flag
  }
  previews: {
    id: string
    parent_id: string
    /** Nothing while it waits for approval. */
    app_id: string | null
    name: string
    branch: string
    /** Number of its pull request. */
    pull: number | null
    /** The repository that a pull request comes from, where that is another one. */
    fork: string | null
    commit_id: string | null
    message: string
    author: string
    web_url: string | null
    /** `none` is needed, it is `needed`, `all` commits have it, or the one whose id stands here. */
    approval: string
    approved_by: string | null
    with_secrets: Flag
    idle_seconds: number | null
    /** The hook that it came by, and what the provider calls the repository: to tell it what became of it. */
    hook_id: string | null
    project: string | null
    used_at: Instant
    created_at: Instant
  }
  events: {
    seq: Generated<number>
    at: Instant
    actor: string
    action: string
    target: string
    team_id: string | null
    source: string
    result: string
  }
}

/** starting: being gated. live: serves. draining: gets nothing new. gone: its service is to be removed, then the row. */
export type SetRole = 'starting' | 'live' | 'draining' | 'gone'
