package web_test

import (
	"maps"
	"net/url"
)

// rightsRow is what a route is for: what it needs, what whoever may go there gets for what is sent, and who gets
// something else: a role of mayDo, nobody, "demo" for demo accounts, "village" for those with a foreign village.
type rightsRow struct {
	needs  string
	status int
	send   string
	but    map[string]int
}

// but is somebody who gets something else.
type but = map[string]int

// rightsTable says by route who may go there. Whoever adds a route adds a row.
func rightsTable() map[string]rightsRow {
	table := map[string]rightsRow{}
	for _, rows := range []map[string]rightsRow{everybodysRows(), ownRows(), bookRows(), disclosedRows(), bookAPIRows(), reportRows(), administratorRows()} {
		maps.Copy(table, rows)
	}
	return table
}

// What is sent to write. A record is never changed by it: the entry that was seen is an old one (412), so that what
// a role may do is told from what it may not (403) and from what is not there (404).
const (
	stale            = "seen=1&reason=%E6%9B%B4%E6%AD%A3"
	staleApproval    = "seen=1&verdict=approved"
	reasonJSON       = `{"reason":"更正"}`
	approvalJSON     = `{"verdict":"approved"}`
	lotJSON          = `{"lot_no":"权限-3","asset_name":"仓库（虚构）","collective":"东升村经济联社","base_total":"10000","hammer_total":"12500","hammered_on":"2021-03-05"}`
	lotAmended       = `{"lot_no":"权限-4","asset_name":"仓库（虚构）","collective":"无此村经济联社","base_total":"10000","hammer_total":"12500","hammered_on":"2021-03-05","reason":"更正"}`
	parcelJSON       = `{"parcel_no":"权限宗-3","owner":"state","category":"state_asset","registered_area":"1公顷"}`
	parcelAmended    = `{"parcel_no":"权限宗-4","owner":"state","category":"state_asset","registered_area":"16","reason":"更正"}`
	visitJSON        = `{"verified_on":"2021-06-29","verified_area":"14.5"}`
	visitJSONAmended = `{"verified_on":"2021-06-29","verified_area":"14.5","reason":"更正"}`
	visitForm        = "verified_on=2021-06-28&verified_area=14.5"
	visitAmended     = "verified_on=2021-06-28&verified_area=14.5&seen=1&reason=%E6%9B%B4%E6%AD%A3"
)

func lotForm(no string, more ...string) string { return formWith(typedLot(no), more) }

func parcelForm(no string, more ...string) string { return formWith(typedParcel(no), more) }

func formWith(form url.Values, more []string) string {
	for i := 0; i+1 < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return form.Encode()
}

// everybodysRows are of no book.
func everybodysRows() map[string]rightsRow {
	return map[string]rightsRow{
		"GET /static/":                  {needs: "public", status: 404},
		"GET /healthz":                  {needs: "public", status: 200},
		"GET /readyz":                   {needs: "public", status: 200},
		"GET /metrics":                  {needs: "public", status: 200},
		"GET /log/{book}/export.zip":    {needs: "public", status: 404},
		"GET /sign-in":                  {needs: "public", status: 200, but: but{"clerk": 303}},
		"POST /sign-in":                 {needs: "public", status: 401},
		"POST /sign-out":                {needs: "halfway", status: 303},
		"GET /redeem":                   {needs: "public", status: 200},
		"POST /redeem":                  {needs: "public", status: 401},
		"GET /try":                      {needs: "public", status: 200},
		"POST /try":                     {needs: "public", status: 404},
		"GET /{$}":                      {needs: "signed_in", status: 200},
		"GET /problems/{reason}":        {needs: "public", status: 200},
		"GET /statement":                {needs: "signed_in", status: 200},
		"POST /statement":               {needs: "signed_in", status: 200},
		"POST /api/v1/statements/check": {needs: "signed_in", status: 422, send: `{}`},
		"GET /api/{$}":                  {needs: "public", status: 200},
		"GET /check":                    {needs: "public", status: 200},
		"GET /api/openapi.json":         {needs: "public", status: 200},
	}
}

// ownRows are of somebody's own account.
func ownRows() map[string]rightsRow {
	return map[string]rightsRow{
		"GET /account/password":                {needs: "halfway", status: 200},
		"POST /account/password":               {needs: "halfway", status: 401, but: but{"demo": 403}},
		"GET /account/totp":                    {needs: "halfway", status: 200, but: but{"demo": 403}},
		"POST /account/totp":                   {needs: "halfway", status: 409, but: but{"demo": 403}},
		"GET /api/v1/me":                       {needs: "signed_in", status: 200},
		"GET /account":                         {needs: "halfway", status: 200},
		"POST /account/sessions":               {needs: "halfway", status: 404},
		"GET /account/tokens/new":              {needs: "signed_in", status: 200},
		"POST /account/tokens/new":             {needs: "signed_in", status: 422},
		"POST /account/tokens":                 {needs: "signed_in", status: 404},
		"GET /api/v1/me/sessions":              {needs: "signed_in", status: 200},
		"DELETE /api/v1/me/sessions/{session}": {needs: "signed_in", status: 404, send: `{}`},
		"GET /api/v1/me/tokens":                {needs: "signed_in", status: 200},
		"POST /api/v1/me/tokens":               {needs: "signed_in", status: 422, send: `{}`},
		"DELETE /api/v1/me/tokens/{token}":     {needs: "signed_in", status: 404, send: `{}`},
	}
}

// disclosedRows are what strangers may read of a book once its disclosure is on, and where that is switched and proved. The
// demo book can never be disclosed: to a stranger it is not there.
func disclosedRows() map[string]rightsRow {
	return map[string]rightsRow{
		"GET /log/{book}/checkpoint":               {needs: "public", status: 404, but: but{"clerk": 200}},
		"GET /log/{book}/key":                      {needs: "public", status: 404, but: but{"clerk": 200}},
		"GET /log/{book}/tile/{level}/{path...}":   {needs: "public", status: 404, but: but{"clerk": 200}},
		"GET /log/{book}/tile/entries/{path...}":   {needs: "export", status: 200, but: but{"village": 403, "nobody": 401}},
		"GET /check/{book}/{code}":                 {needs: "public", status: 404},
		"GET /check/{book}/{code}/proof":           {needs: "public", status: 404},
		"POST /books/{book}/disclosure":            {needs: "issue", status: 403, send: "to=on&reason=x"},
		"GET /books/{book}/lots/{id}/certificate":  {needs: "read", status: 200},
		"GET /books/{book}/lots/{id}/proof":        {needs: "read", status: 200},
		"GET /api/v1/books/{book}/lots/{id}/proof": {needs: "read", status: 200},
	}
}

// reportRows are of the reports that were issued.
func reportRows() map[string]rightsRow {
	return map[string]rightsRow{
		"GET /books/{book}/reports":             {needs: "read", status: 200, but: but{"village": 403}},
		"GET /books/{book}/reports/issue":       {needs: "issue", status: 200},
		"POST /books/{book}/reports":            {needs: "issue", status: 303, send: "from=2021-01-01&to=2021-06-30&format=text&language=zh"},
		"GET /books/{book}/reports/{id}":        {needs: "read", status: 404, but: but{"village": 403}},
		"GET /books/{book}/reports/{id}/file":   {needs: "export", status: 404, but: but{"village": 403}},
		"GET /api/v1/books/{book}/reports":      {needs: "read", status: 200, but: but{"village": 403}},
		"POST /api/v1/books/{book}/reports":     {needs: "issue", status: 201, send: `{"from":"2021-01-01","to":"2021-06-30","format":"json","lang":"zh"}`},
		"GET /api/v1/books/{book}/reports/{id}": {needs: "read", status: 404, but: but{"village": 403}},
	}
}

// bookRows are the pages of a book.
func bookRows() map[string]rightsRow {
	return map[string]rightsRow{
		"GET /books/{book}/summary":                              {needs: "read", status: 200},
		"GET /books/{book}/summary.txt":                          {needs: "export", status: 200},
		"GET /books/{book}/summary.csv":                          {needs: "export", status: 200},
		"GET /books/{book}/summary.json":                         {needs: "export", status: 200},
		"GET /books/{book}/statement":                            {needs: "read", status: 200},
		"POST /books/{book}/statement":                           {needs: "read", status: 200},
		"GET /books/{book}":                                      {needs: "read", status: 200},
		"GET /books/{book}/checkpoint":                           {needs: "read", status: 200},
		"GET /books/{book}/checkpoints":                          {needs: "read", status: 200},
		"GET /books/{book}/entries":                              {needs: "read", status: 200, but: but{"village": 403}},
		"GET /books/{book}/entries/{seq}":                        {needs: "read", status: 200, but: but{"village": 404}},
		"GET /books/{book}/check":                                {needs: "read", status: 200},
		"POST /books/{book}/check":                               {needs: "read", status: 303},
		"GET /books/{book}/lots":                                 {needs: "read", status: 200},
		"GET /books/{book}/lots.csv":                             {needs: "export", status: 200},
		"GET /books/{book}/lots/new":                             {needs: "enter_lots", status: 200},
		"POST /books/{book}/lots/preview":                        {needs: "enter_lots", status: 200},
		"POST /books/{book}/lots":                                {needs: "enter_lots", status: 303, send: lotForm("权限-1"), but: but{"village": 403}},
		"GET /books/{book}/lots/{id}":                            {needs: "read", status: 200},
		"GET /books/{book}/lots/{id}/amend":                      {needs: "enter_lots", status: 200},
		"POST /books/{book}/lots/{id}/amend":                     {needs: "enter_lots", status: 412, send: lotForm("权限-2", "seen", "1", "reason", "更正")},
		"GET /books/{book}/lots/{id}/void":                       {needs: "enter_lots", status: 200},
		"POST /books/{book}/lots/{id}/void":                      {needs: "enter_lots", status: 412, send: stale},
		"POST /books/{book}/lots/{id}/review":                    {needs: "review", status: 412, send: staleApproval},
		"GET /books/{book}/parcels":                              {needs: "read", status: 200},
		"GET /books/{book}/parcels.csv":                          {needs: "export", status: 200},
		"GET /books/{book}/parcels/new":                          {needs: "enter_land", status: 200},
		"POST /books/{book}/parcels/preview":                     {needs: "enter_land", status: 200},
		"POST /books/{book}/parcels":                             {needs: "enter_land", status: 303, send: parcelForm("权限宗-1"), but: but{"village": 403}},
		"GET /books/{book}/parcels/{id}":                         {needs: "read", status: 200},
		"GET /books/{book}/parcels/{id}/amend":                   {needs: "enter_land", status: 200},
		"POST /books/{book}/parcels/{id}/amend":                  {needs: "enter_land", status: 412, send: parcelForm("权限宗-2", "seen", "1", "reason", "更正")},
		"GET /books/{book}/parcels/{id}/void":                    {needs: "enter_land", status: 200},
		"POST /books/{book}/parcels/{id}/void":                   {needs: "enter_land", status: 412, send: stale},
		"POST /books/{book}/parcels/{id}/review":                 {needs: "review", status: 412, send: staleApproval},
		"GET /books/{book}/parcels/{id}/verifications/new":       {needs: "enter_land", status: 200},
		"POST /books/{book}/parcels/{id}/verifications":          {needs: "enter_land", status: 303, send: visitForm},
		"GET /books/{book}/verifications/{id}":                   {needs: "read", status: 200},
		"GET /books/{book}/verifications/{id}/amend":             {needs: "enter_land", status: 200},
		"POST /books/{book}/verifications/{id}/amend":            {needs: "enter_land", status: 412, send: visitAmended},
		"GET /books/{book}/verifications/{id}/void":              {needs: "enter_land", status: 200},
		"POST /books/{book}/verifications/{id}/void":             {needs: "enter_land", status: 412, send: stale},
		"POST /books/{book}/verifications/{id}/review":           {needs: "review", status: 412, send: staleApproval},
		"GET /books/{book}/import":                               {needs: "read", status: 303},
		"GET /books/{book}/imports":                              {needs: "read", status: 200},
		"GET /books/{book}/imports/{id}":                         {needs: "read", status: 200},
		"POST /books/{book}/imports/{id}/review":                 {needs: "review", status: 422},
		"GET /books/{book}/import/lots":                          {needs: "enter_lots", status: 200},
		"POST /books/{book}/import/lots":                         {needs: "enter_lots", status: 422},
		"GET /books/{book}/import/lots/{upload}":                 {needs: "enter_lots", status: 404},
		"POST /books/{book}/import/lots/{upload}":                {needs: "enter_lots", status: 404},
		"GET /books/{book}/import/lots/{upload}/runs/{run}":      {needs: "enter_lots", status: 404},
		"GET /books/{book}/import/lots/{upload}/rejects.xlsx":    {needs: "enter_lots", status: 404},
		"GET /books/{book}/import/lots/{upload}/rejects.csv":     {needs: "enter_lots", status: 404},
		"POST /books/{book}/import/lots/{upload}/forget":         {needs: "enter_lots", status: 303},
		"GET /books/{book}/import/parcels":                       {needs: "enter_land", status: 200},
		"POST /books/{book}/import/parcels":                      {needs: "enter_land", status: 422},
		"GET /books/{book}/import/parcels/{upload}":              {needs: "enter_land", status: 404},
		"POST /books/{book}/import/parcels/{upload}":             {needs: "enter_land", status: 404},
		"GET /books/{book}/import/parcels/{upload}/runs/{run}":   {needs: "enter_land", status: 404},
		"GET /books/{book}/import/parcels/{upload}/rejects.xlsx": {needs: "enter_land", status: 404},
		"GET /books/{book}/import/parcels/{upload}/rejects.csv":  {needs: "enter_land", status: 404},
		"POST /books/{book}/import/parcels/{upload}/forget":      {needs: "enter_land", status: 303},
		"GET /books/{book}/review":                               {needs: "review", status: 200},
		"POST /books/{book}/review":                              {needs: "review", status: 422},
		"GET /books/{book}/returned":                             {needs: "read", status: 200},
	}
}

// bookAPIRows are the API of a book.
func bookAPIRows() map[string]rightsRow {
	return map[string]rightsRow{
		"GET /api/v1/books/{book}/summary":                     {needs: "read", status: 422},
		"POST /api/v1/books/{book}/statements/check":           {needs: "read", status: 422, send: `{}`},
		"GET /api/v1/books":                                    {needs: "signed_in", status: 200},
		"GET /api/v1/books/{book}":                             {needs: "read", status: 200},
		"GET /api/v1/books/{book}/checkpoints":                 {needs: "read", status: 200},
		"GET /api/v1/books/{book}/witnesses":                   {needs: "read", status: 200},
		"GET /api/v1/books/{book}/checkpoint":                  {needs: "read", status: 200},
		"GET /api/v1/books/{book}/entries":                     {needs: "read", status: 200, but: but{"village": 403}},
		"GET /api/v1/books/{book}/entries.ndjson":              {needs: "export", status: 200, but: but{"village": 403}},
		"GET /api/v1/books/{book}/entries/{seq}":               {needs: "read", status: 200, but: but{"village": 404}},
		"GET /api/v1/books/{book}/check":                       {needs: "read", status: 200},
		"POST /api/v1/books/{book}/check":                      {needs: "read", status: 202, send: `{}`},
		"GET /api/v1/books/{book}/imports":                     {needs: "read", status: 200},
		"GET /api/v1/books/{book}/imports/{id}":                {needs: "read", status: 200},
		"POST /api/v1/books/{book}/imports/{id}/review":        {needs: "review", status: 422, send: `{"verdict":"approved","numbers":["无此编号"]}`},
		"POST /api/v1/books/{book}/imports/lots":               {needs: "enter_lots", status: 415},
		"POST /api/v1/books/{book}/imports/parcels":            {needs: "enter_land", status: 415},
		"GET /api/v1/books/{book}/review":                      {needs: "review", status: 200},
		"GET /api/v1/books/{book}/lots":                        {needs: "read", status: 200},
		"GET /api/v1/books/{book}/export.zip":                  {needs: "export", status: 200, but: but{"village": 403}},
		"GET /api/v1/books/{book}/lots.ndjson":                 {needs: "export", status: 200},
		"POST /api/v1/books/{book}/lots":                       {needs: "enter_lots", status: 201, send: lotJSON, but: but{"village": 403}},
		"POST /api/v1/books/{book}/lots/preview":               {needs: "enter_lots", status: 200, send: lotJSON},
		"GET /api/v1/books/{book}/lots/{id}":                   {needs: "read", status: 200},
		"PUT /api/v1/books/{book}/lots/{id}":                   {needs: "enter_lots", status: 412, send: lotAmended},
		"POST /api/v1/books/{book}/lots/{id}/void":             {needs: "enter_lots", status: 412, send: reasonJSON},
		"GET /api/v1/books/{book}/lots/{id}/history":           {needs: "read", status: 200},
		"POST /api/v1/books/{book}/lots/{id}/review":           {needs: "review", status: 412, send: approvalJSON},
		"GET /api/v1/books/{book}/parcels":                     {needs: "read", status: 200},
		"GET /api/v1/books/{book}/parcels.ndjson":              {needs: "export", status: 200},
		"POST /api/v1/books/{book}/parcels":                    {needs: "enter_land", status: 201, send: parcelJSON, but: but{"village": 403}},
		"GET /api/v1/books/{book}/parcels/{id}":                {needs: "read", status: 200},
		"PUT /api/v1/books/{book}/parcels/{id}":                {needs: "enter_land", status: 412, send: parcelAmended},
		"POST /api/v1/books/{book}/parcels/{id}/void":          {needs: "enter_land", status: 412, send: reasonJSON},
		"GET /api/v1/books/{book}/parcels/{id}/history":        {needs: "read", status: 200},
		"POST /api/v1/books/{book}/parcels/{id}/review":        {needs: "review", status: 412, send: approvalJSON},
		"POST /api/v1/books/{book}/parcels/{id}/verifications": {needs: "enter_land", status: 201, send: visitJSON},
		"GET /api/v1/books/{book}/verifications/{id}":          {needs: "read", status: 200},
		"PUT /api/v1/books/{book}/verifications/{id}":          {needs: "enter_land", status: 412, send: visitJSONAmended},
		"POST /api/v1/books/{book}/verifications/{id}/void":    {needs: "enter_land", status: 412, send: reasonJSON},
		"GET /api/v1/books/{book}/verifications/{id}/history":  {needs: "read", status: 200},
		"POST /api/v1/books/{book}/verifications/{id}/review":  {needs: "review", status: 412, send: approvalJSON},
	}
}

// administratorRows are for those who administer.
func administratorRows() map[string]rightsRow {
	return map[string]rightsRow{
		"GET /users":                                       {needs: "administer", status: 200},
		"GET /users/new":                                   {needs: "administer", status: 200},
		"POST /users/new":                                  {needs: "administer", status: 422},
		"GET /users/{id}":                                  {needs: "administer", status: 200},
		"GET /users/{id}/rights/new":                       {needs: "administer", status: 200},
		"POST /users/{id}/rights/new":                      {needs: "administer", status: 422},
		"GET /users/{id}/rights/{right}/revoke":            {needs: "administer", status: 200},
		"POST /users/{id}/rights/{right}/revoke":           {needs: "administer", status: 422},
		"GET /users/{id}/reset":                            {needs: "administer", status: 200},
		"POST /users/{id}/reset":                           {needs: "administer", status: 200},
		"GET /users/{id}/disable":                          {needs: "administer", status: 200},
		"POST /users/{id}/disable":                         {needs: "administer", status: 422},
		"GET /users/{id}/enable":                           {needs: "administer", status: 200},
		"POST /users/{id}/enable":                          {needs: "administer", status: 422},
		"GET /users/{id}/sessions/end":                     {needs: "administer", status: 200},
		"POST /users/{id}/sessions/end":                    {needs: "administer", status: 303},
		"POST /users/{id}/session":                         {needs: "administer", status: 404},
		"POST /users/{id}/token":                           {needs: "administer", status: 404},
		"GET /installation":                                {needs: "administer", status: 200},
		"GET /installation/log.csv":                        {needs: "administer", status: 200},
		"GET /api/v1/accounts":                             {needs: "administer", status: 200},
		"POST /api/v1/accounts":                            {needs: "administer", status: 422, send: `{}`},
		"GET /api/v1/accounts/{id}":                        {needs: "administer", status: 200},
		"POST /api/v1/accounts/{id}/rights":                {needs: "administer", status: 422, send: `{}`},
		"POST /api/v1/accounts/{id}/rights/{right}/revoke": {needs: "administer", status: 422, send: `{}`},
		"POST /api/v1/accounts/{id}/reset":                 {needs: "administer", status: 200, send: `{}`},
		"POST /api/v1/accounts/{id}/disable":               {needs: "administer", status: 422, send: `{}`},
		"POST /api/v1/accounts/{id}/enable":                {needs: "administer", status: 422, send: `{}`},
		"GET /api/v1/accounts/{id}/sessions":               {needs: "administer", status: 200},
		"DELETE /api/v1/accounts/{id}/sessions":            {needs: "administer", status: 204, send: `{}`},
		"DELETE /api/v1/accounts/{id}/sessions/{session}":  {needs: "administer", status: 404, send: `{}`},
		"GET /api/v1/accounts/{id}/tokens":                 {needs: "administer", status: 200},
		"DELETE /api/v1/accounts/{id}/tokens/{token}":      {needs: "administer", status: 404, send: `{}`},
		"GET /api/v1/installation/events":                  {needs: "administer", status: 200},
		"GET /api/v1/installation/events.ndjson":           {needs: "administer", status: 200},
	}
}
