import { readFile } from 'node:fs/promises'
import { log } from '../../lib/log.ts'
import { type Assignment, arrange } from './arrange.ts'
import { readBusy } from './busy.ts'
import { configWriter, prepareConfig } from './files.ts'
import { startLoop } from './loop.ts'
import { headVersion } from './render.ts'
import type { AppRoute, Layout, RouterSettings } from './routes.ts'
import { type Running, readInfo, readRunning } from './running.ts'
import { ask } from './socket.ts'
import { command, outcome, record, type Step, stepsTo } from './steps.ts'
import { reload, stillThere, tellOldWorkers, workerPid } from './workers.ts'

const saveAfterMs = 300
const watchEveryMs = 1_000
const busyEveryMs = 100
const deleteAgainMs = 500
/** Against changes that nobody told us of. */
const lookAgainEveryMs = 60_000

/** What the router does now. */
export type RouterView = {
  /** The newest revision that it fully follows. */
  readonly revision: number
  /** Ids of servers that get requests. */
  readonly ready: ReadonlySet<string>
  /** Requests that draining servers still answer. */
  readonly busy: ReadonlyMap<string, number>
}

/** Ids of the servers that get requests as the agent starts: from HAProxy, or from what it will start with. */
export async function adopted(settings: RouterSettings): Promise<ReadonlySet<string>> {
  try {
    return readyIn(await readRunning(settings))
  } catch {
    const config = await readFile(settings.config, 'utf8').catch(() => '')
    return new Set([...config.matchAll(/^ {2}server (\S+) /gm)].map(([, id]) => id ?? ''))
  }
}

/** Makes the file that HAProxy is started with, if need be, and then keeps HAProxy at what it is told to follow. */
export async function openRouter(settings: RouterSettings, changed: () => void): Promise<Router> {
  const router = new Router(settings, changed)
  await router.prepare().catch((error: unknown) => log.error({ error }, 'the router cannot be prepared yet'))
  return router
}

/**
 * Compares what HAProxy has with what it should have, sends the differences, then writes the file. HAProxy may come
 * and go as it likes.
 */
export class Router implements AsyncDisposable {
  readonly #settings: RouterSettings
  readonly #changed: () => void
  readonly #write: ReturnType<typeof configWriter>
  readonly #follow = startLoop(() => this.#pass(), { name: 'the router' })
  readonly #save = startLoop(() => this.#saveLayout(), { name: 'saving the router', gatherMs: saveAfterMs })
  readonly #count = startLoop(() => this.#poll(), { name: 'counting open requests', gatherMs: busyEveryMs })
  readonly #timers = [
    setInterval(() => void this.#watch(), watchEveryMs),
    setInterval(() => this.#lookAgain(), lookAgainEveryMs),
  ]
  #wanted: { routes: readonly AppRoute[]; revision: number } | undefined
  /** Undefined when it has to be read again. */
  #running: Running | undefined
  #layout: Layout | undefined
  #assignment: Assignment = new Map()
  #old: readonly number[] = []
  #view: RouterView = { revision: 0, ready: new Set(), busy: new Map() }
  #later: NodeJS.Timeout | undefined
  #prepared = false
  #renewals = 0
  #renewedAt = 0

  constructor(settings: RouterSettings, changed: () => void) {
    this.#settings = settings
    this.#changed = changed
    this.#write = configWriter(settings)
  }

  async prepare() {
    await prepareConfig(this.#settings)
    this.#prepared = true
  }

  /** All that it should do from now on; complete each time. */
  follow(routes: readonly AppRoute[], revision: number) {
    this.#wanted = { routes, revision }
    this.#follow.poke()
  }

  get view(): RouterView {
    return this.#view
  }

  async [Symbol.asyncDispose]() {
    for (const timer of this.#timers) clearInterval(timer)
    clearTimeout(this.#later)
    await Promise.all([this.#follow, this.#save, this.#count].map((loop) => loop[Symbol.asyncDispose]()))
  }

  async #pass() {
    if (!this.#prepared) await this.prepare()
    if (!this.#wanted) return
    const { routes, revision } = this.#wanted
    const running = this.#running ?? (await readRunning(this.#settings))
    this.#running = running
    const layout = arrange(routes, running, this.#assignment, this.#settings)
    this.#layout = layout
    this.#assignment = layout.apps
    await this.#perform(stepsTo(layout, running), running)
    if (hasAll(running, layout.apps)) await this.#followed(revision, running)
    if (needsReload(running, layout, this.#settings)) return this.#renewSoon(layout, running)
    this.#renewals = 0
    this.#save.poke()
  }

  async #perform(steps: readonly Step[], running: Running) {
    clearTimeout(this.#later)
    if (steps.length === 0) return
    const commands = steps.map((step) => command(step, this.#settings))
    this.#running = undefined // until every answer has been understood
    const [info = '', ...answers] = await ask(this.#settings.socket, ['show info', ...commands])
    if (readInfo(info).pid !== running.pid) throw new Error('HAProxy was restarted meanwhile')
    void this.#tellOld(commands)
    const outcomes = steps.map((step, index) => settle(step, answers[index] ?? '', running))
    this.#running = running
    if (outcomes.includes('later')) this.#later = setTimeout(() => this.#follow.poke(), deleteAgainMs)
  }

  /** Requests are counted first: a draining server must not look idle because nobody has counted yet. */
  async #followed(revision: number, running: Running) {
    const busy = await this.#countBusy()
    this.#show({ revision, ready: readyIn(running), busy })
    if (this.#draining().size > 0) this.#count.poke()
  }

  async #tellOld(commands: readonly string[]) {
    if (this.#old.length === 0) return
    this.#old = await stillThere(this.#settings, this.#old)
    await tellOldWorkers(this.#settings, this.#old, commands)
  }

  /** At once; but a HAProxy that does not become what the file says (another file?) is not reloaded without end. */
  async #renewSoon(layout: Layout, running: Running) {
    const waitMs = this.#renewals === 0 ? 0 : Math.min(1_000 * 2 ** this.#renewals, lookAgainEveryMs)
    if (Date.now() < this.#renewedAt + waitMs) {
      this.#later = setTimeout(() => this.#follow.poke(), waitMs)
      return
    }
    this.#renewals++
    this.#renewedAt = Date.now()
    await this.#renew(layout, running)
  }

  /** New backends and new settings need a new worker; the old one answers what it has accepted. */
  async #renew(layout: Layout, running: Running) {
    await this.#write(layout)
    await reload(this.#settings, running.pid)
    log.info({ backends: layout.backends.length }, 'router reloaded with more backends or new settings')
    this.#old = [...this.#old, running.pid]
    this.#lookAgain()
  }

  async #saveLayout() {
    if (this.#layout) await this.#write(this.#layout)
  }

  async #poll() {
    const busy = await this.#countBusy()
    if (!sameCounts(busy, this.#view.busy)) this.#show({ busy })
    if (this.#draining().size > 0) this.#count.poke()
  }

  async #countBusy(): Promise<ReadonlyMap<string, number>> {
    const draining = this.#draining()
    if (draining.size === 0) return new Map()
    const counts = await readBusy(this.#settings, [...new Set(draining.values())], this.#old)
    return new Map([...counts].filter(([id, count]) => count > 0 && draining.has(id)))
  }

  /** Draining server → its backend. */
  #draining(): ReadonlyMap<string, string> {
    const servers = [...(this.#layout?.servers ?? [])]
    return new Map(
      servers.flatMap(([backend, list]) => list.flatMap(({ id, state }) => (state === 'drain' ? [[id, backend]] : []))),
    )
  }

  async #watch() {
    if (this.#running && (await workerPid(this.#settings)) !== this.#running?.pid) this.#lookAgain()
  }

  #lookAgain() {
    this.#running = undefined
    this.#follow.poke()
  }

  #show(next: Partial<RouterView>) {
    this.#view = { ...this.#view, ...next }
    this.#changed()
  }
}

function hasAll({ backends }: Running, apps: Assignment): boolean {
  const known = new Set(backends)
  return [...apps.values()].every((name) => known.has(name))
}

const needsReload = (running: Running, layout: Layout, settings: RouterSettings) =>
  layout.backends.length > running.backends.length || running.version !== headVersion(settings)

const sameCounts = (a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>) =>
  a.size === b.size && [...a].every(([id, count]) => b.get(id) === count)

function settle(step: Step, answer: string, found: Running) {
  const result = outcome(step, answer)
  if (result === 'failed') throw new Error(`HAProxy refused to ${step.do}: ${answer}`)
  if (result === 'done') record(step, found)
  return result
}

const readyIn = ({ servers }: Running): ReadonlySet<string> =>
  new Set(
    [...servers.values()].flatMap((byId) => [...byId].flatMap(([id, { state }]) => (state === 'ready' ? [id] : []))),
  )
