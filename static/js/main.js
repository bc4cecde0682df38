/** Gives each element with `data-controller` its behaviour. */
import { Again } from "./controllers/again.js";
import { Board } from "./controllers/board.js";
import { Cancellation } from "./controllers/cancellation.js";
import { Clock } from "./controllers/clock.js";
import { Counter } from "./controllers/counter.js";
import { Deeds } from "./controllers/deeds.js";
import { DeskSheet } from "./controllers/desk_sheet.js";
import { Filter } from "./controllers/filter.js";
import { Fresh } from "./controllers/fresh.js";
import { Held } from "./controllers/held.js";
import { Idle } from "./controllers/idle.js";
import { Join } from "./controllers/join.js";
import { Later } from "./controllers/later.js";
import { LivePage } from "./controllers/live_page.js";
import { Near } from "./controllers/near.js";
import { Once } from "./controllers/once.js";
import { Pairing } from "./controllers/pairing.js";
import { Print } from "./controllers/print.js";
import { Share } from "./controllers/share.js";
import { Shift } from "./controllers/shift.js";
import { Shortcuts } from "./controllers/shortcuts.js";
import { Tabs } from "./controllers/tabs.js";
import { Ticket } from "./controllers/ticket.js";

const CONTROLLERS = {
  again: Again,
  board: Board,
  cancellation: Cancellation,
  clock: Clock,
  counter: Counter,
  deeds: Deeds,
  "desk-sheet": DeskSheet,
  filter: Filter,
  fresh: Fresh,
  held: Held,
  idle: Idle,
  join: Join,
  later: Later,
  "live-page": LivePage,
  near: Near,
  once: Once,
  pairing: Pairing,
  print: Print,
  share: Share,
  shift: Shift,
  shortcuts: Shortcuts,
  tabs: Tabs,
  ticket: Ticket,
};

for (const element of document.querySelectorAll("[data-controller]")) {
  for (const name of element.dataset.controller.split(" ")) begin(name, element);
}
document.documentElement.dataset.begun = "";

/** What breaks, or is not of this release, is told and takes nothing else with it. */
function begin(name, element) {
  try {
    new CONTROLLERS[name](element);
  } catch (error) {
    setTimeout(() => {
      throw error;
    });
  }
}
