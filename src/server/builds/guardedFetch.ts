import type { SourceKind } from '../../model/source.ts'
import type { FetchSource } from './parts.ts'

/** Disks that are watched while something is fetched. */
type Disks = {
  /** Fires when so little is left that what is under way has to stop. */
  readonly signal: AbortSignal
  /** Why it fired. */
  readonly reason: () => never
  readonly close: () => void
}

type Guard = {
  readonly makeRoom: () => Promise<void>
  readonly watch: (log: (line: string) => void) => Promise<Disks>
}

const alreadyHere: readonly SourceKind[] = ['git', 'upload', 'metadata']

/** What is fetched must not fill a disk: it does not begin, or is stopped. Throws DISK_LOW. */
export const guardedFetch =
  (fetchSource: FetchSource, { makeRoom, watch }: Guard): FetchSource =>
  async (order) => {
    if (alreadyHere.includes(order.source.kind)) return await fetchSource(order)
    await makeRoom()
    const disks = await watch(order.log)
    try {
      return await fetchSource({ ...order, signal: AbortSignal.any([order.signal, disks.signal]) })
    } catch (error) {
      return disks.signal.aborted && !order.signal.aborted ? disks.reason() : Promise.reject(error)
    } finally {
      disks.close()
    }
  }
