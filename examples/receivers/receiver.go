// SIGNING_KEY=… go run receiver.go
package main

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
)

var key = []byte(os.Getenv("SIGNING_KEY"))

func verified(body []byte, signature string) bool {
	given, err := hex.DecodeString(signature)
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, key)
	mac.Write(body)
	return hmac.Equal(given, mac.Sum(nil))
}

func receive(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil || !verified(body, r.Header.Get("x-immuta-webhook-signature-sha256")) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	// Parse the body only here, and only these bytes.
	w.WriteHeader(http.StatusNoContent)
}

func main() {
	if len(key) == 0 {
		log.Fatal("SIGNING_KEY is not set")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+cmp.Or(os.Getenv("PORT"), "8080"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("listening on port %d\n", listener.Addr().(*net.TCPAddr).Port)
	log.Fatal(http.Serve(listener, http.HandlerFunc(receive)))
}
