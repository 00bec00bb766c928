type Level = 'debug' | 'info' | 'warn' | 'error'

/** One JSON object a line on stderr; errors become their stack. */
function write(level: Level, fields: Record<string, unknown>, message: string) {
  const entry = { at: new Date().toISOString(), level, message, ...fields }
  process.stderr.write(`${JSON.stringify(entry, (_, value) => (value instanceof Error ? value.stack : value))}\n`)
}

export const log = {
  info: (fields: Record<string, unknown>, message: string) => write('info', fields, message),
  warn: (fields: Record<string, unknown>, message: string) => write('warn', fields, message),
  error: (fields: Record<string, unknown>, message: string) => write('error', fields, message),
}
