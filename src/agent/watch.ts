import { setTimeout as sleep } from 'node:timers/promises'
import { log } from '../lib/log.ts'
import { type Containers, type Sighting, sighting } from './inventory.ts'

const lookEveryMs = 30_000
/** Once more after the events have begun to flow, for what happened between the first look and then. */
const lookSoonMs = 1_000
const retryMs = { first: 100, most: 5_000 }
const keepExitedMs = 600_000
const atOnce = 8

type Where = { readonly label: string; readonly network: string }

/** Knows this node's instances: looks at all of them now and then, and at one as soon as the Engine names it. */
export class InstanceWatch {
  readonly #containers: Containers
  readonly #where: Where
  readonly #changed: () => void
  readonly #known = new Map<string, Sighting>()
  readonly #turns = new Map<string, Promise<void>>()
  /** Ended so long ago that nobody wants to hear of them. */
  readonly #old = new Set<string>()
  #complete = false

  constructor(containers: Containers, where: Where, changed: () => void) {
    this.#containers = containers
    this.#where = where
    this.#changed = changed
  }

  /** Undefined until all have been looked at once: a part of them must never be taken for the whole. */
  get instances(): readonly Sighting[] | undefined {
    return this.#complete ? [...this.#known.values()] : undefined
  }

  /** Until the signal; the Engine may go away and come back. */
  async run(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; failures++) {
      const began = Date.now()
      await this.#follow(signal).catch((error: unknown) => this.#lost(error, failures, signal))
      if (Date.now() - began > lookEveryMs) failures = 0
      await pause(Math.min(retryMs.first * 2 ** failures, retryMs.most), signal)
    }
  }

  #lost(error: unknown, failures: number, signal: AbortSignal) {
    if (failures === 0 && !signal.aborted)
      log.warn({ error }, 'the Docker Engine is away; trying again until it is back')
  }

  async #follow(outer: AbortSignal) {
    const stop = new AbortController()
    const signal = AbortSignal.any([outer, stop.signal])
    try {
      await Promise.race([this.#listen(signal), this.#lookAround(signal)])
    } finally {
      stop.abort()
    }
  }

  async #listen(signal: AbortSignal) {
    for await (const { id } of this.#containers.events(this.#where.label, signal))
      void this.#look(id).catch(() => undefined)
  }

  async #lookAround(signal: AbortSignal) {
    await this.#lookAtAll()
    for (let ms = lookSoonMs; ; ms = lookEveryMs) {
      await pause(ms, signal)
      if (signal.aborted) return
      await this.#lookAtAll()
    }
  }

  async #lookAtAll() {
    const ids = await this.#containers.ids(this.#where.label)
    const all = [...new Set([...ids, ...this.#known.keys()])].filter((id) => !this.#isOver(id))
    for (let at = 0; at < all.length; at += atOnce) {
      await Promise.all(all.slice(at, at + atOnce).map((id) => this.#look(id)))
    }
    this.#forget(new Set(ids))
    if (this.#complete) return
    this.#complete = true
    this.#changed()
  }

  #isOver(id: string): boolean {
    return this.#old.has(id) || this.#known.get(id)?.state === 'exited'
  }

  /** One look at a time at each, so that the last answer is the newest. */
  #look(id: string): Promise<void> {
    const turn = (this.#turns.get(id) ?? Promise.resolve()).catch(() => undefined).then(() => this.#inspect(id))
    this.#turns.set(id, turn)
    return turn.finally(() => this.#turns.get(id) === turn && this.#turns.delete(id))
  }

  async #inspect(id: string) {
    const found = await this.#containers.inspect(id)
    const before = this.#known.get(id)
    const now = found ? sighting(found, this.#where.network) : gone(before)
    if (!now || JSON.stringify(now) === JSON.stringify(before)) return
    if (isOld(now)) return void this.#old.add(id)
    this.#known.set(id, now)
    if (this.#complete) this.#changed()
  }

  #forget(existing: ReadonlySet<string>) {
    for (const [id, known] of this.#known) {
      if (isOld(known) && this.#known.delete(id)) this.#old.add(id)
    }
    for (const id of this.#old) if (!existing.has(id)) this.#old.delete(id)
  }
}

const isOld = ({ finishedAt }: Sighting) => finishedAt !== null && Date.parse(finishedAt) < Date.now() - keepExitedMs

/** Removed before anybody could ask how it ended. */
const gone = (before: Sighting | undefined): Sighting | undefined =>
  before?.state === 'exited'
    ? before
    : before && {
        ...before,
        state: 'exited',
        address: null,
        error: 'the container was removed',
        finishedAt: new Date().toISOString(),
      }

const pause = (ms: number, signal: AbortSignal) => sleep(ms, undefined, { signal }).catch(() => undefined)
