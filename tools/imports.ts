import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

export type Import = { readonly from: string; readonly to: string }

const statement =
  /^\s*(?:import|export)\b[^'"`]*?from\s*['"](\.[^'"]+)['"]|\bimport\(\s*['"](\.[^'"]+)['"]\s*\)|^import\s*['"](\.[^'"]+)['"]/gm

/** Every relative import below a folder, type-only ones and dynamic ones too; paths from the repository's root. */
export function importsBelow(folder: string): Import[] {
  return globSync(`${folder}/**/*.ts`).flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(statement)].map((match) => ({
      from: file,
      to: normalize(join(dirname(file), match[1] ?? match[2] ?? match[3] ?? '')),
    })),
  )
}

/** The files of each import cycle; empty when there is none. */
export function cycles(imports: readonly Import[]): string[][] {
  const targets = Map.groupBy(imports, ({ from }) => from)
  const done = new Set<string>()
  const found: string[][] = []
  const visit = (file: string, path: readonly string[]) => {
    if (path.includes(file)) found.push([...path.slice(path.indexOf(file)), file])
    if (done.has(file) || path.includes(file)) return
    for (const { to } of targets.get(file) ?? []) visit(to, [...path, file])
    done.add(file)
  }
  for (const file of targets.keys()) visit(file, [])
  return found
}
