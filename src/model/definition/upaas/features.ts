import { isMap, isScalar, isSeq, type Node } from 'yaml'
import type { Place } from '../place.ts'
import { isNull } from './document.ts'
import { sectionOf } from './values.ts'

const instead: Readonly<Record<string, string>> = {
  cron: 'its entries are not run',
  storage: 'an instance keeps its files only as long as it lives, and UPAAS_STORAGE_MOUNTPOINT is not set',
  mongodb: 'no database is made; set UPAAS_MONGODB_URI with "berth env set"',
  postgresql: 'no database is made; set PGHOST, PGUSER, PGPASSWORD and PGDATABASE with "berth env set"',
}

/** Names each feature that is wanted and not there. A feature that is switched off was passed over by uPaaS too. */
export function warnFeatures(place: Place, node: Node | undefined): void {
  if (!node || isNull(node)) return
  if (!isMap(node)) place.warn('features is not a map and is left out')
  for (const [name, { value }] of sectionOf(place, isMap(node) ? node : undefined)) {
    if (isOff(value)) continue
    const consequence = Object.hasOwn(instead, name) ? instead[name] : 'Berth knows no such feature'
    place.warn(`features.${name}: ${consequence}`)
  }
}

const isOff = (value: Node) =>
  isNull(value) || (isScalar(value) && value.value === false) || (isSeq(value) && value.items.length === 0)
