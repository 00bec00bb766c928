import { isMap, isScalar, type Node } from 'yaml'
import { envName } from '../../names.ts'
import type { Definition } from '../declared.ts'
import { failAt, type Place } from '../place.ts'
import { fail, list, plain, record, text, yamlRoot } from '../read.ts'
import { rendered, type TemplateValues } from './template.ts'
import { filesOf, type Members, membersOf, script, type Template, templateValues } from './values.ts'

export const upscaleFileNames = ['app.yaml', '.upscale/runtime.yaml'] as const

/** Other platforms have an app.yaml too; Upscale's names its application, and theirs a runtime. */
export const isUpscale = (text: string) => /^application[ \t]*:/m.test(text) && !/^runtime[ \t]*:/m.test(text)

type Layer = {
  readonly place: Place
  readonly members: Members
  readonly templates: readonly Template[]
  readonly install: string
}

type Reading = <T>(file: string, reader: (place: Place) => T) => T | undefined

/** `app.yaml`, on top of a copy of its runtime's file in the repository. */
export function upscaleOf(read: Reading): Partial<Definition> {
  const runtime = read('.upscale/runtime.yaml', layerOf)
  const app = read('app.yaml', (place) => (isUpscale(place.text) ? layerOf(place) : undefined))
  const layers = [runtime, app].filter((layer) => layer !== undefined)
  if (layers.length === 0) return {}
  const application = app && applicationOf(app)
  const packages = runtime && packagesOf(runtime)
  const documentRoot = app && rootOf(app)
  const build = { ...(packages && { packages }), ...(documentRoot && { documentRoot }) }
  const files = rendering(layers, application)
  const install = layers.flatMap(({ place, install }) => (install.trim() ? [{ by: place.file, script: install }] : []))
  if (runtime) sayUnused(runtime)
  return {
    ...(Object.keys(build).length > 0 && { build }),
    ...(runtime && { env: environmentOf(runtime) }),
    upscale: { ...(application && { application }), files, install },
  }
}

function layerOf(place: Place): Layer {
  const root = yamlRoot(place)
  if (!root || (isScalar(root) && root.value === null)) return failAt(place, 0, 'must be a map of keys and values')
  const members = membersOf(place, root)
  const files = members.get('files')?.value
  const install = members.get('install')?.value
  return {
    place,
    members,
    templates: files && !isNull(files) ? filesOf(place, files) : [],
    install: install ? script(place, install) : '',
  }
}

const isNull = (node: Node) => isScalar(node) && node.value === null

function applicationOf({ place, members }: Layer): string {
  const version = members.get('version')
  if (version) plain(place, version.value)
  const application = members.get('application')
  return application ? text(place, application.value) : failAt(place, 0, 'has no "application"')
}

/** The folder of the code that is served. */
function rootOf({ place, members }: Layer): string | undefined {
  const node = members.get('root')?.value
  const raw = node ? script(place, node) : ''
  const parts = raw.split('/').filter((part) => part !== '' && part !== '.')
  const leads = raw.startsWith('/') || parts.includes('..') || /\p{Cc}/u.test(raw)
  if (node && leads) fail(place, node, 'must be a path inside the repository, without ".."')
  return parts.join('/') || undefined
}

function packagesOf({ place, members }: Layer): string[] | undefined {
  const node = members.get('packages')?.value
  if (!node || isNull(node)) return undefined
  return list((at, item) => {
    const name = text(at, item)
    return /^[a-z0-9][a-z0-9+.-]{1,100}$/.test(name) ? name : fail(at, item, 'must be the name of a Debian package')
  })(place, node)
}

function environmentOf({ place, members }: Layer): Record<string, string> {
  const node = members.get('env')?.value
  return node && isMap(node) ? record(envName, plain)(place, node) : {}
}

/** The later file's path wins; its values too, in the templates of both. */
function rendering(layers: readonly Layer[], application: string | undefined): Record<string, string> {
  const values: TemplateValues = {
    ...Object.assign({}, ...layers.map(({ place, members }) => templateValues(place, members))),
    ...(application && { 'application.name': application }),
  }
  const texts = layers.flatMap(({ place, templates }) =>
    templates.map(({ path, node, text }) => [path, rendered(place, node, text, values)] as const),
  )
  return Object.fromEntries(texts)
}

const unused: Readonly<Record<string, string>> = {
  project: 'a repository has its first commit already',
  libraries: 'Upscale did not read it either',
  virtualenv: 'Upscale did not read it either',
  hooks: 'put scripts into .upscale/pre-build.d',
  namespace: 'apps belong to teams',
}

function sayUnused({ place, members }: Layer): void {
  for (const [name, reason] of Object.entries(unused)) {
    const key = members.get(name)?.key
    if (key) place.warn(`${name} is not used: ${reason}`, key.range?.[0])
  }
}
