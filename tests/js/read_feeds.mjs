// Read feed files with feedsmith: paths in, one JSON object out, with what it found by path.
import { readFileSync } from 'node:fs'
import { parseFeed } from 'feedsmith'

const found = process.argv.slice(2).map((path) => [path, parseFeed(readFileSync(path, 'utf8'))])
process.stdout.write(JSON.stringify(Object.fromEntries(found)))
