import { printable } from '../model/printable.ts'
import { type Colour, isTerminal, paint, width } from './print.ts'

export type Cell = string | number | null | undefined | { readonly text: string; readonly colour: Colour }

/** Aligned columns: with a header and colours on a terminal, without both when piped, so that every line is a row. */
export const table = (header: readonly string[], rows: readonly (readonly Cell[])[], empty = 'none'): string[] => {
  if (!isTerminal) return layOut(rows)
  if (rows.length === 0) return [paint('dim', empty)]
  const [head = '', ...body] = layOut([header, ...rows], width, paint)
  return [paint('bold', head), ...body]
}

/** Pure: pads every column but the last; an empty cell becomes "-", so that columns can be counted. */
export function layOut(rows: readonly (readonly Cell[])[], limit = Infinity, colour = plain): string[] {
  const cells = rows.map((row) => row.map(textOf))
  const widths = columnWidths(cells)
  return rows.map((row, r) => {
    const parts = row.map((cell, c) => pad(cells[r]?.[c] ?? '', cell, widths, c, limit, colour))
    return parts.join('  ').trimEnd()
  })
}

const plain = (_: Colour, text: string) => text

function pad(text: string, cell: Cell, widths: readonly number[], c: number, limit: number, colour: typeof plain) {
  const last = c === widths.length - 1
  const fitted = last ? shorten(text, limit - startOf(widths, c)) : text.padEnd(widths[c] ?? 0)
  return typeof cell === 'object' && cell !== null ? colour(cell.colour, fitted) : fitted
}

function textOf(cell: Cell): string {
  const raw = typeof cell === 'object' && cell !== null ? cell.text : String(cell ?? '')
  return printable(raw).replaceAll('\t', ' ') || '-'
}

const columnWidths = (cells: readonly (readonly string[])[]) =>
  (cells[0] ?? []).map((_, c) => Math.max(...cells.map((row) => row[c]?.length ?? 0)))

const startOf = (widths: readonly number[], column: number) =>
  widths.slice(0, column).reduce((sum, length) => sum + length + 2, 0)

const shorten = (text: string, room: number) => (text.length > room && room > 10 ? `${text.slice(0, room - 1)}…` : text)

/** `name: value` lines. */
export function details(pairs: readonly (readonly [string, Cell])[]): string[] {
  const longest = Math.max(...pairs.map(([name]) => name.length))
  return pairs.map(([name, cell]) => {
    const value = typeof cell === 'object' && cell !== null ? paint(cell.colour, textOf(cell)) : textOf(cell)
    return `${paint('dim', `${name}:`.padEnd(longest + 1))} ${value}`
  })
}
