/** `node test/ui/serve.ts [port] [buildings] [floors] [rooms]`: the control room over a scripted core, to look at screens. */
import { someAlarms } from './samples.ts';
import { ScriptedCore } from './scripted-core.ts';
import { makeLayout, makeTiles, mixedTile, seeded } from './site.ts';

const [port = '8099', buildings = '2', floors = '12', rooms = '10'] = process.argv.slice(2);
const layout = makeLayout({ buildings: Number(buildings), floors: Number(floors), rooms: Number(rooms) });
const core = new ScriptedCore(layout, makeTiles(layout), Number(buildings) > 0 ? someAlarms() : []);
core.history.push(...someAlarms());
const marked = [...core.alarms.values()].filter(({ room, suppressedBy }) => room !== null && suppressedBy === null);
for (const { room, priority } of marked) {
  const tile = core.tiles.get(room ?? '');
  if (tile !== undefined) core.tiles.set(tile.room, { ...tile, alarm: priority });
}
console.log(await core.start({ PORT: port }));
const random = seeded(3);
const ids = [...core.tiles.values()];
setInterval(() => {
  const tile = ids[Math.floor(random() * ids.length)];
  if (tile !== undefined) void core.put([mixedTile(tile.building, tile.room, random)]);
  for (const { room, electricity } of core.tiles.values())
    if (electricity?.mismatchSinceMs != null && random() < 0.3) void core.confirm(room);
}, 3000).unref();
