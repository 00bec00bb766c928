import type { Node } from 'yaml'
import type { Place } from '../place.ts'
import { fail } from '../read.ts'

/** What templates may name: a text, or a map of them. */
export type TemplateValue = string | TemplateValues
export type TemplateValues = { readonly [name: string]: TemplateValue }

const tag = /\{\{\s*([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*\}\}/g
const mostText = 65_536

/** `{{ name }}` and `{{ name.name }}` of a Jinja text, and nothing that computes: no `{% %}`, no filters. */
export function rendered(place: Place, node: Node, text: string, values: TemplateValues): string {
  const plain = text.replace(/\{#[\s\S]*?#\}/g, '')
  const rest = /\{%|\{\{/.exec(plain.replace(tag, ''))
  if (rest) fail(place, node, `in templates only {{ name }} is understood, not "${rest[0]} …"`)
  const result = plain.replace(tag, (_, path: string) => {
    const value = valueAt(values, path)
    if (value === undefined)
      place.warn(`the template names "${path}", which is not known, and so left empty`, node.range?.[0])
    return value ?? ''
  })
  return result.length > mostText ? fail(place, node, 'the template makes more than 64 KiB') : result
}

function valueAt(values: TemplateValues, path: string): string | undefined {
  if (Object.hasOwn(values, path)) return typeof values[path] === 'string' ? values[path] : undefined
  let at: TemplateValue | undefined = values
  for (const name of path.split('.')) at = typeof at === 'object' && Object.hasOwn(at, name) ? at[name] : undefined
  return typeof at === 'string' ? at : undefined
}
