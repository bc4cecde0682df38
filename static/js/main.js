/** Gives each element with `data-controller` its behaviour. */
import { Again } from "./controllers/again.js";
import { BigButton } from "./controllers/big_button.js";
import { Board } from "./controllers/board.js";
import { Cancellation } from "./controllers/cancellation.js";
import { Clock } from "./controllers/clock.js";
import { Counter } from "./controllers/counter.js";
import { Filter } from "./controllers/filter.js";
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
import { Tabs } from "./controllers/tabs.js";
import { Ticket } from "./controllers/ticket.js";

const CONTROLLERS = {
  again: Again,
  "big-button": BigButton,
  board: Board,
  cancellation: Cancellation,
  clock: Clock,
  counter: Counter,
  filter: Filter,
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
  tabs: Tabs,
  ticket: Ticket,
};

for (const element of document.querySelectorAll("[data-controller]")) {
  for (const name of element.dataset.controller.split(" ")) new CONTROLLERS[name](element);
}
