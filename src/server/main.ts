import { parentConnection } from "../child/parentConnection.js";
import { ServerService } from "./service.js";

new ServerService(parentConnection("part that speaks to a server")).listen();
