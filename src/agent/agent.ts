import { existsSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import type { Link, Wanted } from '../contract/link.ts'
import { log } from '../lib/log.ts'
import { labels } from '../model/instance.ts'
import { checksFor } from './checks.ts'
import { HealthMonitor } from './health.ts'
import type { Containers, Sighting } from './inventory.ts'
import { followLogs, type LogFollower, type LogSource } from './logs.ts'
import { plan } from './plan.ts'
import { type Known, seen } from './report.ts'
import { type Loop, startLoop } from './router/loop.ts'
import { adopted, openRouter, type Router } from './router/router.ts'
import type { RouterSettings } from './router/routes.ts'
import { InstanceWatch } from './watch.ts'

const reportGatherMs = 5
const reportEveryMs = 10_000
/** So long an end is not reported for the sake of its log. */
const lastWordsLimitMs = 3_000

export type AgentConfig = {
  readonly cluster: string
  readonly domain: string
  /** `address`: where the router listens; everywhere unless given. */
  readonly http: { readonly port: number; readonly address?: string }
  readonly api: { readonly port: number }
  readonly docker: { readonly network: string }
  readonly router: { readonly config: string; readonly socket: string; readonly master: string }
}

type Parts = {
  readonly link: Link
  readonly engine: { readonly containers: Containers & LogSource }
  readonly config: AgentConfig
  /** This machine's name in reports. */
  readonly node?: string
}

/**
 * Watches this node's instances, probes them, keeps HAProxy at what the server wants, and reports. Writes HAProxy's
 * file if there is none; whoever runs HAProxy waits for that file.
 */
export async function startAgent({ link, engine, config, node = hostname() }: Parts): Promise<AsyncDisposable> {
  const settings = routerSettings(config)
  const trusted = await adopted(settings)
  const agent = new Agent(link, node, trusted, engine.containers)
  const router = await openRouter(settings, () => agent.report())
  const where = { label: `${labels.cluster}=${config.cluster}`, network: config.docker.network }
  agent.run(router, new InstanceWatch(engine.containers, where, () => agent.refresh()))
  return agent
}

class Agent implements AsyncDisposable {
  readonly #link: Link
  readonly #node: string
  readonly #health: HealthMonitor
  readonly #logs: LogFollower
  readonly #stop = new AbortController()
  readonly #refresh: Loop = startLoop(async () => this.#plan(), { name: 'planning' })
  readonly #report: Loop
  readonly #timer: NodeJS.Timeout
  #work: Promise<unknown> = Promise.resolve()
  #router: Router | undefined
  #watch: InstanceWatch | undefined
  #wanted: Wanted | undefined

  constructor(link: Link, node: string, trusted: ReadonlySet<string>, source: LogSource) {
    this.#link = link
    this.#node = node
    this.#health = new HealthMonitor(() => this.refresh(), trusted)
    this.#logs = followLogs({ source, link, onComplete: () => this.report() })
    this.#report = startLoop(() => this.#send(), { name: 'reporting', gatherMs: reportGatherMs })
    this.#timer = setInterval(() => this.report(), reportEveryMs)
  }

  run(router: Router, watch: InstanceWatch) {
    this.#router = router
    this.#watch = watch
    this.#work = Promise.all([watch.run(this.#stop.signal), this.#listen()])
  }

  /** Something was seen or is wanted: decide again. */
  refresh() {
    this.#refresh.poke()
  }

  report() {
    this.#report.poke()
  }

  async [Symbol.asyncDispose]() {
    this.#stop.abort()
    clearInterval(this.#timer)
    this.#health[Symbol.dispose]()
    await this.#work
    await Promise.all([this.#refresh, this.#report].map((loop) => loop[Symbol.asyncDispose]()))
    await this.#router?.[Symbol.asyncDispose]()
    await this.#logs[Symbol.asyncDispose]()
  }

  async #listen() {
    const { signal } = this.#stop
    try {
      for await (const wanted of this.#link.wanted(signal)) {
        this.#wanted = wanted
        this.refresh()
      }
    } catch (error) {
      if (!signal.aborted) log.error({ error }, 'the link to the server ended')
    }
  }

  /** Nothing is decided before both sides are known in full: apps must keep serving while this starts. */
  #plan() {
    const sightings = this.#watch?.instances
    if (!sightings) return
    this.#logs.sync(sightings.filter(({ state }) => state !== 'starting').map(logged))
    if (!this.#wanted) return
    this.#health.watch(checksFor(this.#wanted, sightings))
    const candidates = this.#known(sightings).map(({ finding, ...rest }) => ({ ...rest, ...finding }))
    this.#router?.follow(plan(this.#wanted, candidates), this.#wanted.revision)
    this.report()
  }

  async #send() {
    const sightings = this.#watch?.instances
    if (!this.#wanted || !sightings || !this.#router) return
    const known = this.#known(sightings)
    if (known.some(({ lastWords }) => lastWords === 'awaited'))
      setTimeout(() => this.report(), lastWordsLimitMs).unref()
    await this.#link.report(seen(this.#node, this.#wanted, known, this.#router.view))
  }

  #known(sightings: readonly Sighting[]): Known[] {
    return sightings.map((sighting) => ({
      ...sighting,
      finding: this.#health.of(sighting.id),
      lastWords: isOver(sighting) || this.#logs.isComplete(sighting.id) ? 'kept' : 'awaited',
    }))
  }
}

function routerSettings({ domain, http, api, router }: AgentConfig): RouterSettings {
  // One socket for both would show apps IPv4 clients as ::ffff:192.0.2.1.
  const version6 = existsSync('/proc/net/if_inet6') ? [`:::${http.port} v6only`] : []
  return {
    ...router,
    bind: http.address ? [`${http.address}:${http.port}`] : [`*:${http.port}`, ...version6],
    api: { host: `berth.${domain}`, port: api.port },
    ...(hasUser('haproxy') && { user: 'haproxy' }),
  }
}

const hasUser = (name: string) =>
  process.getuid?.() === 0 &&
  readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .some((line) => line.startsWith(`${name}:`))

const logged = ({ id, app, process, release, state }: Sighting) => ({
  id,
  app,
  process,
  release,
  ended: state === 'exited',
})

/** Nothing to wait for: it still runs, or it ended a while ago. */
const isOver = ({ finishedAt }: Sighting) =>
  finishedAt === null || Date.parse(finishedAt) < Date.now() - lastWordsLimitMs
