import { isMap, isScalar, type Node } from 'yaml'
import type { Definition } from '../declared.ts'
import { failAt, type Place } from '../place.ts'
import { fail, yamlRoot } from '../read.ts'
import { appOf } from './app.ts'
import { expanded } from './expand.ts'
import { rootKeys } from './keys.ts'
import { buildable, chosenWeb } from './roles.ts'
import { outlineOf, serviceOf } from './service.ts'
import { sayUnused } from './unused.ts'
import { type Composed, type Member, membersOf, warn } from './values.ts'

const mostServices = 50

/** The services of a compose file that are built from the repository alike, as the processes of one app. Speaks of everything else. */
export function readCompose(place: Place, base: Omit<Composed, 'place'>, web?: string): Partial<Definition> {
  const composed = { ...base, place }
  const services = servicesOf(composed)
  const outlines = [...services].map(([name, member]) => outlineOf(composed, name, member))
  const built = buildable(outlines)
  for (const { name, key, image } of outlines.filter((outline) => !built.includes(outline))) {
    warn(
      composed,
      key,
      `the service "${name}" is not run: it has no "build"${image ? `, and Berth does not run the image ${image}` : ''}`,
    )
  }
  if (built.length === 0) {
    place.warn('no service has "build", so nothing of it is used')
    return {}
  }
  const chosen = chosenWeb(composed, built, web)
  const read = chosen.services.map((outline) => serviceOf(composed, outline, outline === chosen.web))
  return appOf(composed, read, chosen)
}

function servicesOf(composed: Composed): Map<string, Member> {
  const { place } = composed
  const root = yamlRoot(place)
  if (!root || (isScalar(root) && root.value === null)) return failAt(place, 0, 'has no "services"')
  const members = membersOf(composed, expanded(place, root))
  sayUnused(composed, members, ['services'], rootKeys, '')
  const services = members.get('services')?.value ?? failAt(place, 0, 'has no "services"')
  const found = membersOf(composed, mapped(composed, services))
  if (found.size > mostServices) fail(place, services, `has more than ${mostServices} services`)
  return found
}

const mapped = ({ place }: Composed, node: Node) =>
  isMap(node) ? node : fail(place, node, 'must be a map of services')
