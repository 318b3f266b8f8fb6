// dynalite on a free port of loopback. The port is the one line that it prints; it serves until its input ends, so that
// it never outlives whoever started it. The first argument is the folder that it is installed in.
import { createRequire } from 'node:module'

const dynalite = createRequire(`${process.argv[2]}/`)('dynalite')
const server = dynalite({ createTableMs: 0 })
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
